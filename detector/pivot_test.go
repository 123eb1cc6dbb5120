package detector_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
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
