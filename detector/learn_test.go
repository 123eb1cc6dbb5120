package detector_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"pgregory.net/rapid"
)

// An office of 48 people in three towns, one on each of 48 partitions: its VPN is known when a day is over, on all of them.
func TestOfficeOf48Users(t *testing.T) {
	house := detector.NewHouse(detector.Config{Rules: loadShipped(t), GeoBuild: "test"}, detector.Dealing{Partitions: 48, Key: ingest.Key, PartitionOf: kafka.PartitionOf})
	homes, day := [...]string{"hamburg", "berlin", "munich"}, int64(24*3600_000)
	users := usersOfPartitions(48)
	asked := func(from int64) (n int) {
		for i, user := range users {
			for step, place := range [...]string{homes[i%3], "exit"} {
				e := officeEvent(t, user, from, from+int64(i)*25*60_000+int64(step)*60_000, place)
				house.Observe(&e, func(_ *detector.Event, out detector.Outcome) { n += len(out.Decisions) })
			}
		}
		return n
	}
	if n := asked(0); n != 48 {
		t.Fatalf("on the first day %d users were noticed, want each of 48", n)
	}
	asked(day) // the first of them go on, and complete the day
	if n := asked(2 * day); n != 0 {
		t.Errorf("on the third day %d users were noticed, want none", n)
	}
	known, ok := house.Network("", "asn:64600")
	if !ok || known.LearnedMS == 0 || known.Users < 40 || known.Users > 60 || len(known.Homes) != 3 {
		t.Errorf("of the provider is known %+v", known)
	}
}

// usersOfPartitions gives a user for each partition.
func usersOfPartitions(n int) []string {
	users := make([]string, n)
	for i, left := 0, n; left > 0; i++ {
		user := fmt.Sprint("clerk-", i)
		if p := kafka.PartitionOf([]byte(user), n); users[p] == "" {
			users[p] = user
			left--
		}
	}
	return users
}

func officeEvent(t *testing.T, user string, visit, at int64, place string) detector.Event {
	e := detector.Event{ID: fmt.Sprint(user, at), Source: "/test", Type: detector.SessionPresented, TypeName: "session.presented", TimeMS: storyStart.UnixMilli() + at}
	e.User.ID, e.Session.ID = user, fmt.Sprint(user, "-", visit)
	e.Record = detector.Record{Topic: "t", Offset: at}
	var st story
	st.setAll(t, &e, places[place], place)
	st.setAll(t, &e, clients["chrome"], "chrome")
	return e
}

// What all partitions are told is the same in whatever order it comes, and however often.
func TestPropertyKnowledge(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		var told []detector.Event
		for i := range rapid.IntRange(1, 30).Draw(t, "verdicts") {
			told = append(told, drawKnowledge(t, i))
		}
		once, again := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		for i := range told {
			once.Observe(&told[i])
		}
		for _, i := range rapid.Permutation(append(indices(len(told)), indices(len(told))...)).Draw(t, "order") {
			again.Observe(&told[i])
		}
		if want, got := detector.KnowledgeOf(once), detector.KnowledgeOf(again); !slices.Equal(want, got) {
			t.Fatalf("in another order\n%v\nin order\n%v", got, want)
		}
	})
}

func indices(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// drawKnowledge draws a verdict; no two about one thing have one version, as the second stage never gives a version twice.
func drawKnowledge(t *rapid.T, i int) detector.Event {
	e := detector.Event{ID: fmt.Sprint("n", i), Source: detector.Source, Type: detector.ObservationVerdict, TypeName: "observation.verdict",
		TimeMS: storyStart.UnixMilli() + rapid.Int64Range(0, 3600_000).Draw(t, "at")}
	o := &e.Observation
	o.Knows = detector.Enum(rapid.IntRange(1, 4).Draw(t, "knows"))
	o.Version = detector.Whole{V: int64(1000*rapid.IntRange(1, 5).Draw(t, "version") + i), Set: true}
	o.ASN = detector.Whole{V: rapid.Int64Range(1, 3).Draw(t, "asn"), Set: true}
	o.Network = rapid.SampledFrom([]string{"", "192.0.2.0/24", "2001:db8::/48", "nonsense"}).Draw(t, "network")
	o.LearnedAt = detector.Moment{MS: rapid.Int64Range(0, e.TimeMS).Draw(t, "learned"), Set: true}
	o.Until = detector.Moment{MS: rapid.Int64Range(0, 2*e.TimeMS).Draw(t, "until"), Set: true}
	return e
}

// However many networks there are, both stages keep within their bounds, and a snapshot brings back what they hold.
func TestKnowledgeIsBounded(t *testing.T) {
	set := loadShipped(t)
	first, second := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set, Stage: detector.SecondStage})
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 60_000 {
		e := detector.Event{ID: fmt.Sprint(i), Source: detector.Source, TimeMS: storyStart.UnixMilli() + int64(i)*1000}
		o := &e.Observation
		e.Type, o.Knows, o.ASN, o.Version, o.Until = detector.ObservationVerdict, detector.KnowsEgress, detector.Whole{V: int64(i + 1), Set: true}, detector.Whole{V: 1, Set: true}, detector.Moment{MS: e.TimeMS + 1000, Set: true}
		first.Observe(&e)
		e.Type, e.User.ID, o.Path, o.FromASN = detector.SessionObservation, fmt.Sprint("u", rnd.IntN(9)), detector.Enum(1+rnd.IntN(8)), detector.Whole{V: int64(rnd.IntN(1000) + 1), Set: true}
		o.Key, o.HomeLat, o.HomeLon = fmt.Sprint("asn:", i+1), detector.Real{V: 53, Set: true}, detector.Real{V: 10, Set: true}
		e.Client.IP = netip.AddrFrom4([4]byte{198, byte(i >> 16), byte(i >> 8), byte(i)})
		e.Client.Geo = detector.Geo{Lat: detector.Real{V: 40, Set: true}, Lon: detector.Real{V: -74, Set: true}, Country: "US", ASN: o.ASN, Build: "test"}
		second.Observe(&e)
	}
	egresses, ways := detector.GraphOf(second)
	maxEgresses, maxWays := detector.MaxGraph()
	if n := len(detector.KnowledgeOf(first)); n != detector.MaxKnown || egresses != maxEgresses || ways != maxWays {
		t.Errorf("%d known of %d, %d egresses of %d, %d ways of %d: every bound should be reached, and none passed", n, detector.MaxKnown, egresses, maxEgresses, ways, maxWays)
	}
	for stage, g := range map[detector.Stage]*detector.Engine{detector.FirstStage: first, detector.SecondStage: second} {
		if back := restart(t, detector.Config{Rules: set, Stage: stage}, g); back.Hash() != g.Hash() {
			t.Errorf("stage %d is not the same after a restart", stage)
		}
	}
}
