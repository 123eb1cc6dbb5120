package detector_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// operator is one thief with the cookies of many customers, among honest ones behind the exit that he uses.
type operator struct {
	t       *testing.T
	house   *detector.House
	n       int
	now     int64
	revoked map[string]rules.Action // by session: the hardest answer
}

func newOperator(t *testing.T, partitions int) *operator {
	return &operator{t: t, house: detector.NewHouse(detector.Config{Rules: loadShipped(t), GeoBuild: "test"}, dealt(partitions)), revoked: map[string]rules.Action{}, now: storyStart.UnixMilli()}
}

// show is an event of a customer, by his number, with a client of the stories' table, at an address.
func (op *operator) show(kind detector.EventType, customer int, client, ip string, asn int64, reason detector.Enum) {
	op.t.Helper()
	op.n++
	op.now += 200
	e := &detector.Event{ID: fmt.Sprint("e", op.n), Source: "/test", Type: kind, TypeName: kind.String(), TimeMS: op.now, Record: detector.Record{Topic: "t", Offset: int64(op.n)}}
	var st story
	st.setAll(op.t, e, clients[client], client)
	e.Session.ID, e.User.ID, e.Session.EndReason = fmt.Sprint("ses-", customer), fmt.Sprint("user-", customer), reason
	e.Client.IP, e.Client.Geo = netip.MustParseAddr(ip), detector.Geo{Country: "SE", ASN: detector.Whole{V: asn, Set: true}, Build: "test"}
	op.house.Observe(e, func(_ *detector.Event, out detector.Outcome) {
		for _, c := range out.Commands {
			op.revoked[c.SessionID] = max(op.revoked[c.SessionID], c.Action)
		}
	})
}

func (op *operator) count(from, to int) (revoked int) {
	for i := from; i < to; i++ {
		if op.revoked[fmt.Sprint("ses-", i)] >= rules.RevokeSession {
			revoked++
		}
	}
	return revoked
}

// One operator over 50 stolen cookies: after the first confirmation all others are revoked within the next observation, and no honest customer
// behind the same exit is: neither who lives there, with the very browser of the thief, nor who comes there with his own.
func TestOneOperatorFiftyCookies(t *testing.T) {
	for _, partitions := range []int{1, 48} {
		op := newOperator(t, partitions)
		rnd := rand.New(rand.NewPCG(7, 7))
		const stolen, neighbours, guests = 50, 40, 40
		home := func(i int) string { return fmt.Sprintf("203.%d.%d.7", 50+i/200, i%200) }
		for i := range stolen {
			op.show(detector.SessionCreated, i, []string{"chrome", "phone", "brave"}[rnd.IntN(3)], home(i), 64500, 0)
		}
		for i := stolen; i < stolen+neighbours; i++ {
			op.show(detector.SessionCreated, i, "firefox", "192.0.3.99", 64500, 0)
		}
		for i := stolen + neighbours; i < stolen+neighbours+guests; i++ {
			op.show(detector.SessionCreated, i, "firefox", home(i), 64500, 0)
		}
		for i := range stolen { // he looks at all of them: one every five minutes
			op.now += 5 * 60_000
			op.show(detector.SessionPresented, i, "firefox", "192.0.3.71", 64500, 0)
		}
		for i := stolen; i < stolen+neighbours+guests; i++ {
			op.show(detector.SessionPresented, i, "firefox", "192.0.3.99", 64500, 0)
		}
		before := op.count(0, stolen)
		op.show(detector.SessionEnded, 0, "chrome", home(0), 64500, detector.EndLogout)
		op.now += 5 * 60_000
		op.show(detector.SessionPresented, 0, "firefox", "192.0.3.71", 64500, 0) // the owner had logged out: a proof
		t.Logf("%d partitions: %d of %d were revoked before the confirmation", partitions, before, stolen)
		if got := op.count(0, stolen); got != stolen || before > stolen/5 {
			t.Errorf("%d partitions: after the first confirmation %d of %d are revoked (%d were before)", partitions, got, stolen, before)
		}
		for i := stolen; i < stolen+neighbours+guests; i++ {
			op.show(detector.SessionPresented, i, "firefox", "192.0.3.99", 64500, 0)
		}
		if got := op.count(stolen, stolen+neighbours+guests); got != 0 {
			t.Errorf("%d partitions: %d honest customers are thrown out", partitions, got)
		}
	}
}

// fleetRules are the rules over users, with limits so low that drawn events reach them, and what confirms a theft.
const fleetRules = `version: 1
rules:
  - {id: fleet-takeover, score: 70, evidence: replay, detector: fleet_takeover, with: {min_users: 2, max_residents: 5}, cooldown: 1s}
  - {id: confirmed-thief, score: 100, evidence: replay, proof: true, detector: confirmed_thief, cooldown: 1s}
  - {id: use-after-end, score: 100, evidence: replay, proof: true, detector: use_after_end}
  - {id: fingerprint-drift, score: 80, evidence: client, detector: fingerprint_drift}
`

// theftAtTimes draws an event of one of six customers, each with his own session, or of a thief with one of two clients who has their cookies.
func theftAtTimes(t *rapid.T, n int, now int64) *detector.Event {
	i := rapid.IntRange(0, 5).Draw(t, "customer")
	e := &detector.Event{ID: fmt.Sprint("e", n), Source: "/test", TimeMS: now, Record: detector.Record{Topic: "t", Offset: int64(n)}}
	e.Session.ID, e.User.ID = fmt.Sprint("ses-", i), fmt.Sprint("user-", i)
	e.Type = rapid.SampledFrom([]detector.EventType{detector.SessionCreated, detector.SessionPresented, detector.SessionPresented, detector.SessionPresented, detector.SessionEnded, detector.AuthReauthenticated}).Draw(t, "type")
	place, client := places["stockholm"], clients["chrome"]
	if rapid.Bool().Draw(t, "thief") {
		place, client = places[rapid.SampledFrom([]string{"proxy", "cafe"}).Draw(t, "exit")], clients[rapid.SampledFrom([]string{"firefox", "curl"}).Draw(t, "tool")]
	}
	e.TypeName, e.Outcome, e.Session.EndReason = e.Type.String(), detector.Enum(rapid.IntRange(0, 2).Draw(t, "outcome")), detector.EndLogout
	var st story
	st.setAll(t, e, place, place)
	st.setAll(t, e, client, client)
	return e
}

// Whatever thieves and customers do: what is found over users does not depend on how many partitions they are dealt to, nor on restarts, and a
// verdict that comes twice brings no second answer.
func TestPropertyFleets(t *testing.T) {
	set, problems := rules.Load([]rules.Source{{Name: "fleet.yaml", Text: []byte(fleetRules)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	verdicts := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := detector.Config{Rules: set, ObserveOnly: true}
		one, many := detector.NewHouse(cfg, dealt(1)), detector.NewHouse(cfg, dealt(rapid.SampledFrom([]int{2, 48}).Draw(t, "partitions")))
		now := storyStart.UnixMilli()
		for n := range rapid.IntRange(1, 40).Draw(t, "events") {
			now += int64(rapid.IntRange(0, 30*60_000).Draw(t, "later"))
			e := theftAtTimes(t, n, now)
			want := foundBy(one, e)
			if got := foundBy(many, e); got != want {
				t.Fatalf("on many partitions\n%s\non one\n%s", got, want)
			}
			if strings.Contains(want, "fleet-takeover") || strings.Contains(want, "confirmed-thief") {
				verdicts++
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				first, second := cfg, cfg
				first.Stage, second.Stage = detector.FirstStage, detector.SecondStage
				first.Partitions, second.Partitions = 1, 1
				one.First[0], one.Second[0] = restart(t, first, one.First[0]), restart(t, second, one.Second[0])
			}
		}
	})
	if verdicts == 0 {
		t.Error("nothing was ever found")
	}
}

// A verdict that comes twice, as after a crash of the second stage, brings no second answer.
func TestPropertyFleetVerdictsTwice(t *testing.T) {
	set, _ := rules.Load([]rules.Source{{Name: "fleet.yaml", Text: []byte(fleetRules)}}, detector.Language(), rules.Options{})
	rapid.Check(t, func(t *rapid.T) {
		cfg := detector.Config{Rules: set}
		once, twice := detector.NewHouse(cfg, dealt(1)), detector.NewHouse(cfg, dealt(1))
		now := storyStart.UnixMilli()
		for n := range rapid.IntRange(1, 40).Draw(t, "events") {
			now += int64(rapid.IntRange(0, 30*60_000).Draw(t, "later"))
			e := theftAtTimes(t, n, now)
			var want, got string
			once.Observe(e, func(_ *detector.Event, out detector.Outcome) { want += render(out) })
			twice.Observe(e, func(of *detector.Event, out detector.Outcome) {
				got += render(out)
				if of.Type != detector.ObservationVerdict {
					return
				}
				again := *of
				again.Record.Offset += 1000
				again.ID += " anew" // its session may have forgotten the first one by then
				if second := twice.First[0].Observe(&again); len(second.Commands)+len(second.Decisions)+len(second.Observations) > 0 {
					t.Fatalf("the verdict %s on %s was answered twice: %s", of.Observation.Rule, of.Session.ID, render(second))
				}
			})
			if want != got {
				t.Fatalf("with verdicts twice\n%s\nonce\n%s", got, want)
			}
		}
	})
}

// foundBy gives what rules found on which session on an event, a verdict of it or both.
func foundBy(h *detector.House, e *detector.Event) string {
	var list []string
	h.Observe(e, func(_ *detector.Event, out detector.Outcome) {
		for _, d := range out.Decisions {
			for _, f := range d.Findings {
				list = append(list, fmt.Sprintf("%s on %q of %q after %q", f.Rule, d.SessionID, d.UserID, d.EventID))
			}
		}
	})
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "\n")
}
