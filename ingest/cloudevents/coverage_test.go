package cloudevents_test

import (
	"maps"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

func TestCoverage(t *testing.T) {
	var c cloudevents.Coverage
	for _, value := range []string{
		ordinary,
		ev("session.presented", `{"session":{"id":"s","seq":0,"kind":"toaster"},"client":{"ip":"192.0.2.1","geo":{"anonymous":["tor"]}},"background":false,"user":{"id":"","roles":[]}}`),
		ev("session.ended", `{"session":{"id":"s","created_at":"1970-01-01T00:00:00Z"},"client":{"hints":{"brands":[{}]}}}`),
		ev("something.else", `{"tenant":"t"}`),
	} {
		e, r := decode(t, bare(value))
		if r != nil {
			t.Fatal(r)
		}
		c.Add(e)
	}
	counts := map[string]cloudevents.FieldCount{}
	for _, n := range c.Counts() {
		counts[n.Type.String()+" "+n.Field] = n
	}
	if want := 3 * (len(detector.EventFields) + 1); len(counts) != want {
		t.Errorf("%d counts, want %d: every field for each of three types", len(counts), want)
	}
	for key, want := range map[string][2]uint64{
		"session.presented id":                    {2, 2},
		"session.presented session.id":            {2, 2},
		"session.presented session.kind":          {1, 2}, // a word that is not in the list is absent
		"session.presented session.seq":           {1, 2}, // zero is present
		"session.presented user.id":               {1, 2},
		"session.presented user.roles":            {1, 2},
		"session.presented background":            {1, 2},
		"session.presented client.ip":             {2, 2},
		"session.presented client.rtt_ms":         {1, 2},
		"session.presented client.geo.anonymous":  {1, 2},
		"session.presented client.hints.platform": {0, 2},
		"session.ended session.created_at":        {1, 1},
		"session.ended client.hints.brands":       {1, 1},
		"session.ended client.ip":                 {0, 1},
		" tenant":                                 {1, 1},
	} {
		if n := counts[key]; n.Present != want[0] || n.Events != want[1] {
			t.Errorf("%s: %d of %d, want %d of %d", key, n.Present, n.Events, want[0], want[1])
		}
	}
}

// A field of a wrong type is not present, and the publisher is told why: by field, also when its whole object was dropped.
func TestCoverageOfDroppedFields(t *testing.T) {
	var c cloudevents.Coverage
	for _, data := range []string{
		`{"client":{"rtt_ms":"31","hints":{"brands":[{"brand":1,"version":2},{"brand":3,"version":4}]}},"user":{"roles":["a",5]}}`,
		`{"session":{"cookie":"secure"},"client":{"rtt_ms":31}}`,
		`{}`,
	} {
		e, dropped, r := decodeDropped(t, bare(event(data)))
		if r != nil {
			t.Fatal(r)
		}
		c.Add(e, dropped...)
	}
	got := map[string][2]uint64{}
	for _, n := range c.Counts() {
		if n.Dropped > 0 {
			got[n.Field] = [2]uint64{n.Present, n.Dropped}
		}
	}
	want := map[string][2]uint64{"client.rtt_ms": {1, 1}, "client.hints.brands": {1, 1}, "user.roles": {1, 1}, "session.cookie.secure": {0, 1},
		"session.cookie.http_only": {0, 1}, "session.cookie.same_site": {0, 1}, "session.cookie.host_prefix": {0, 1}}
	if !maps.Equal(got, want) {
		t.Errorf("present and dropped by field: %v\nwant %v", got, want)
	}
}
