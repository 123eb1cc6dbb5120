package main

import (
	"fmt"
	"testing"

	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// The demo shows where a session went: from its last place to the event's.
func TestJourneys(t *testing.T) {
	world := internet.New()
	files, err := world.WriteDatabases(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db, err := geo.Open(geo.Files(files))
	if err != nil {
		t.Fatal(err)
	}
	homes := world.All(internet.Home)
	first, last := &world.Networks[homes[0]], &world.Networks[homes[len(homes)-1]]
	j := newJourneys(db)
	event := func(id, session string, n *internet.Network) {
		j.add(fmt.Appendf(nil, `{"id":%q,"source":"/a","type":"session.presented","time":"2026-11-22T09:00:00Z","data":{"session":{"id":%q},"client":{"ip":%q}}}`,
			id, session, n.Addr4(1).String()))
	}
	event("e1", "s1", first)
	event("e2", "s1", last)
	event("e3", "s1", last)
	event("e4", "s2", first)
	here, there := cityOf(first), cityOf(last)
	for id, want := range map[string]string{"e1": here, "e2": here + " -> " + there, "e3": there, "e4": here, "e5": ""} {
		if got := j.of(id); got != want {
			t.Errorf("the journey of %s is %q, want %q", id, got, want)
		}
	}
}

func cityOf(n *internet.Network) string {
	c := internet.Cities[n.City]
	return c.Name + " " + c.Country
}
