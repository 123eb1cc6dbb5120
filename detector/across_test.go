package detector_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// acrossRules are those whose evidence may lie on several partitions. Without a cooldown each finding is shown.
func acrossRules(t *testing.T) *rules.Set {
	t.Helper()
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(`version: 1
defaults: {cooldown: 0s}
rules:
  - {id: session-shared-by-users, mode: enforce, score: 100, evidence: replay, proof: true, detector: session_shared_by_users}
  - {id: session-fixation, mode: enforce, score: 60, evidence: replay, detector: session_fixation}
  - {id: token-reuse, mode: enforce, score: 190, evidence: replay, proof: true, detector: token_reuse}
`)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// sharing draws the events of an app in which sessions are shared, planted and kept at login, and tokens stolen: it gives away what it should not,
// but what it attests is true, and after a login it names the user (docs/events.md).
type sharing struct {
	t     *rapid.T
	n     int
	nowMS int64
	began map[string]int64  // of each session
	owner map[string]string // who used a session first
	told  []string
}

func (w *sharing) event() *detector.Event {
	t := w.t
	w.n++
	w.nowMS += rapid.SampledFrom([]int64{1, 900, 20_000, 59_000, 61_000, 5 * 60_000}).Draw(t, "step")
	e := &detector.Event{ID: fmt.Sprint("e", w.n), Source: "/app", TimeMS: w.nowMS, Record: detector.Record{Topic: "t", Offset: int64(w.n)}}
	var st story
	where, with := rapid.SampledFrom([]string{"stockholm", "oslo", "carrier"}).Draw(t, "at"), rapid.SampledFrom([]string{"chrome", "firefox", "phone"}).Draw(t, "with")
	st.setAll(t, e, places[where], where)
	st.setAll(t, e, clients[with], with)
	if rapid.IntRange(0, 2).Draw(t, "token") == 0 {
		w.showToken(e)
	} else {
		w.useSession(e)
	}
	e.TypeName = e.Type.String()
	w.told = append(w.told, fmt.Sprintf("%s %s %s s=%s u=%s at=%s with=%s began=%v token=%s/%s/%d %v", e.ID, time.Duration(w.nowMS-storyStart.UnixMilli())*time.Millisecond, e.TypeName,
		e.Session.ID, e.User.ID, where, with, e.Session.CreatedAt.Set, e.Token.Family, e.Token.ID, e.Token.Generation.V, e.Outcome))
	return e
}

func (w *sharing) showToken(e *detector.Event) {
	t := w.t
	e.Type = rapid.SampledFrom([]detector.EventType{detector.TokenRefreshed, detector.TokenRefreshed, detector.TokenRefreshed, detector.TokenReuseDetected}).Draw(t, "refresh")
	e.User.ID = rapid.SampledFrom([]string{"u1", "u2", "u3", ""}).Draw(t, "user")
	e.Token.Family = rapid.SampledFrom([]string{"f1", "f2"}).Draw(t, "family")
	n := rapid.Int64Range(1, 4).Draw(t, "generation")
	e.Token.ID = fmt.Sprint("t", n)
	if rapid.Bool().Draw(t, "counted") {
		e.Token.Generation = detector.Whole{V: n, Set: true}
	}
	if rapid.IntRange(0, 4).Draw(t, "refused") == 0 {
		e.Outcome = detector.OutcomeFailure
	}
}

func (w *sharing) useSession(e *detector.Event) {
	t := w.t
	e.Session.ID = rapid.SampledFrom([]string{"s1", "s2", "s3", "s4"}).Draw(t, "session")
	e.Type = rapid.SampledFrom([]detector.EventType{detector.SessionCreated, detector.SessionPresented, detector.SessionPresented, detector.ActionRequested,
		detector.AuthReauthenticated, detector.CredentialChanged}).Draw(t, "type")
	e.User.ID = rapid.SampledFrom([]string{"u1", "u2", "u3", ""}).Draw(t, "user")
	first, known := w.began[e.Session.ID]
	if e.User.ID == "" || e.Type == detector.AuthReauthenticated { // before the login, or of the login's user; who steps up shows that it is his
		e.User.ID = cmp.Or(w.owner[e.Session.ID], e.User.ID)
	}
	if !known {
		first = w.nowMS
		w.began[e.Session.ID] = first
	}
	if e.User.ID == "" && e.Type == detector.CredentialChanged {
		e.Type = detector.SessionPresented
	}
	if e.Type == detector.AuthReauthenticated {
		e.Outcome = detector.OutcomeSuccess
	}
	w.owner[e.Session.ID] = cmp.Or(w.owner[e.Session.ID], e.User.ID)
	if rapid.Bool().Draw(t, "attested") && (!known && e.Type == detector.SessionCreated || w.nowMS-first > 60_000) { // a younger session is told of later
		e.Session.CreatedAt = detector.Moment{MS: first, Set: true}
	}
}

// findings is what was found, by event, session and rule, and how the event was answered.
type findings map[string]found

type found struct {
	score  int
	action rules.Action
}

func (f findings) take(d *detector.Decision) {
	for _, x := range d.Findings {
		key := fmt.Sprintf("%s s=%s %s", d.EventID, d.SessionID, x.Rule)
		f[key] = found{max(f[key].score, x.Score), max(f[key].action, d.Action)}
	}
}

// asksFor is the answer that a finding asks for by itself: what else was found of the session, or of another user of the same tokens, may be known
// to another partition only, and raises the answer there.
func (x found) asksFor() rules.Action {
	return map[int]rules.Action{1: rules.Observe, 60: rules.RequireReauth, 100: rules.RevokeSession, 190: rules.RevokeUserSessions}[x.score]
}

func (f findings) String() string {
	var lines []string
	for key, x := range f {
		lines = append(lines, fmt.Sprintf("%s %d %s", key, x.score, x.action))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// What one engine finds that sees everything, the partitions find together, on the same event and with no softer an answer. Of a session that users
// share it is each other user's first use that is found: his partition tells no more of it. And they find nothing else, but of a token family that
// was found reused already (a partition that saw the thief first holds the customer's showing against him), and of a token that was shown a moment
// before in another's name: where all is known that is one client's second try; a partition that does not know of the first believes the app's report
// of a reuse, or holds the token against later ones.
func TestPropertyHouseAgreesWithOneEngine(t *testing.T) {
	set := acrossRules(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{2, 7, 48}).Draw(t, "partitions")
		w := &sharing{t: t, nowMS: storyStart.UnixMilli(), began: map[string]int64{}, owner: map[string]string{}}
		oracle := detector.New(detector.Config{Rules: set})
		house := detector.NewHouse(detector.Config{Rules: set}, detector.Dealing{Partitions: n, Key: keyOf, PartitionOf: deal})
		want, first, got, shared, reused, tries := findings{}, findings{}, findings{}, map[string]bool{}, map[string]bool{}, secondTries{}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			e := w.event()
			out, again := oracle.Observe(e), tries.again(e)
			for i := range out.Decisions {
				want.take(&out.Decisions[i])
				reused[e.Token.Family] = reused[e.Token.Family] || e.Token.Family != ""
				if pair := e.Session.ID + " " + e.User.ID; e.Token.Family != "" || !shared[pair] {
					first.take(&out.Decisions[i])
					shared[pair] = true
				}
			}
			house.Observe(e, func(_ *detector.Event, out detector.Outcome) {
				for i := range out.Decisions {
					got.take(&out.Decisions[i])
					if reused[e.Token.Family] || again || e.Type == detector.TokenReuseDetected {
						want.take(&out.Decisions[i])
					}
				}
			})
		}
		for key, x := range first {
			if got[key].score < x.score || got[key].action < x.asksFor() {
				t.Fatalf("%d partitions miss %s:\n%s\none engine\n%s%s", n, key, got, first, w.story())
			}
		}
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Fatalf("%d partitions alone find %s:\n%s\none engine\n%s%s", n, key, got, want, w.story())
			}
		}
	})
}

// secondTries is who showed a token last, and when, by family and token.
type secondTries map[[2]string]showing

type showing struct {
	user string
	atMS int64
}

// again says whether an event shows a token that another user's event showed a moment before, and notes the event.
func (s secondTries) again(e *detector.Event) bool {
	const momentMS = 60_000 // the grace of token_reuse
	if e.Token.ID == "" {
		return false
	}
	key := [2]string{e.Token.Family, e.Token.ID}
	last := s[key]
	s[key] = showing{e.User.ID, e.TimeMS}
	return last.atMS != 0 && last.user != e.User.ID && e.TimeMS-last.atMS <= momentMS
}

func (w *sharing) story() string { return "\n" + strings.Join(w.told, "\n") }
