package detector_test

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// world draws events for the properties: a few customers and sessions, so that what is drawn meets, with values from the sensible to the absurd.
type world struct {
	t      *rapid.T
	now    int64    // Unix ms
	clock  int64    // the largest event time
	sixes  bool     // an event came by IPv6
	n      int      // events drawn
	told   []string // the events, for people
	tenant string
	made   []detector.Decision // what analysts may speak of
	sent   []detector.Command  // what the auth service may answer
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: storyStart.UnixMilli()}
	if rapid.IntRange(0, 9).Draw(t, "epoch") == 0 {
		w.now = rapid.SampledFrom([]int64{0, 1, time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC).UnixMilli()}).Draw(t, "at")
	}
	return w
}

// steps are how far apart events lie, in ms.
var steps = []int64{0, 1, 500, 3000, 45_000, 59_999, 60_001, 5 * 60_000, 16 * 60_000, 3600_000, 25 * 3600_000}

// event draws the next one.
func (w *world) event() *detector.Event {
	t := w.t
	w.n++
	w.now += rapid.SampledFrom(steps).Draw(t, "step")
	e := &detector.Event{ID: fmt.Sprint(w.tenant, w.n), Source: "/test", TimeMS: w.now, Tenant: w.tenant}
	e.Type = detector.EventType(rapid.IntRange(1, detector.NumEventTypes-1).Draw(t, "type"))
	switch rapid.IntRange(0, 9).Draw(t, "ordinary") {
	case 0, 1, 2, 3:
		e.Type = detector.SessionPresented
	case 4:
		e.Type = detector.VerdictRecorded
	}
	e.TypeName = e.Type.String()
	e.Record = detector.Record{Topic: "t", Offset: int64(w.n)}
	if rapid.IntRange(0, 5).Draw(t, "late") == 0 {
		e.TimeMS -= rapid.SampledFrom(steps).Draw(t, "behind")
	}
	w.who(e)
	w.where(e)
	w.speak(e)
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		w.set(e, drawnFields[rapid.IntRange(0, len(drawnFields)-1).Draw(t, "field")])
	}
	if w.sixes = w.sixes || e.Client.IP.Is6(); e.Type != detector.ObservationVerdict { // a verdict moves no clock
		w.clock = max(w.clock, e.TimeMS)
	}
	w.told = append(w.told, tell(e))
	return e
}

func (w *world) who(e *detector.Event) {
	e.User.ID = rapid.SampledFrom([]string{"u1", "u2", "u3", ""}).Draw(w.t, "user")
	e.Session.ID = rapid.SampledFrom([]string{"s1", "s2", "s3", "s4", ""}).Draw(w.t, "session")
	switch e.Type { // what a decoder lets pass has what its type requires
	case detector.TokenRefreshed, detector.TokenReuseDetected, detector.AuthFailed, detector.AuthReauthenticated, detector.SessionUnknownID, detector.OperatorControl,
		detector.ObservationVerdict, detector.Tick:
	case detector.AccountDisabled, detector.PlaceObserved, detector.CredentialChanged, detector.FactorChanged, detector.CommandAcknowledged, detector.VerdictRecorded:
		e.User.ID = cmp.Or(e.User.ID, "u1")
	default:
		e.Session.ID = cmp.Or(e.Session.ID, "s1")
	}
	if e.Type == detector.SessionRenewed {
		e.Session.PreviousID = rapid.SampledFrom([]string{"s1", "s2", "s3", ""}).Draw(w.t, "previous")
	}
}

// saw keeps what an engine answered, for analysts and the auth service to speak of.
func (w *world) saw(out detector.Outcome) {
	for i := range out.Decisions {
		w.made = append(w.made, detector.Decision{ID: out.Decisions[i].ID, UserID: out.Decisions[i].UserID, SessionID: out.Decisions[i].SessionID})
	}
	w.sent = append(w.sent, out.Commands...)
}

// speak lets a verdict or an acknowledgement be of something that was decided, if anything was.
func (w *world) speak(e *detector.Event) {
	switch {
	case e.Type == detector.VerdictRecorded && len(w.made) > 0:
		d := &w.made[rapid.IntRange(0, len(w.made)-1).Draw(w.t, "decision")]
		e.Verdict.DecisionID, e.Verdict.Label = d.ID, detector.Enum(rapid.IntRange(1, 3).Draw(w.t, "label"))
		e.User.ID, e.Session.ID = d.UserID, d.SessionID
	case e.Type == detector.CommandAcknowledged && len(w.sent) > 0:
		c := &w.sent[rapid.IntRange(0, len(w.sent)-1).Draw(w.t, "command")]
		e.Command.ID, e.Command.Result = c.ID, detector.Enum(rapid.IntRange(1, detector.NumResults).Draw(w.t, "result"))
		e.User.ID, e.Session.ID = c.UserID, c.SessionID
	}
}

func (w *world) where(e *detector.Event) {
	var st story
	if p := rapid.SampledFrom(namesOf(places)).Draw(w.t, "place"); p != "" {
		st.setAll(w.t, e, places[p], p)
	}
	if c := rapid.SampledFrom(namesOf(clients)).Draw(w.t, "client"); c != "" {
		st.setAll(w.t, e, clients[c], c)
	}
}

// namesOf lists a table's names, and nothing.
func namesOf(table map[string]string) []string {
	names := []string{""}
	for n := range table {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// drawnFields are those that an event gets by chance: all but who it is of, and what it is.
var drawnFields = func() (fields []*detector.EventField) {
	for i := range detector.EventFields {
		f := &detector.EventFields[i]
		if f.Attribute || slices.Contains([]string{"tenant", "session.id", "session.previous_id", "user.id", "client.ip"}, f.Name) {
			continue
		}
		fields = append(fields, f)
	}
	return fields
}()

// What fields are drawn from. Of each kind of value there are ordinary ones and those at, and beyond, the ends.
var (
	wholes  = []int64{0, 1, 2, 3, 63, 64, 128, 1_000_000_000, -1, math.MaxInt32, math.MaxInt64, math.MinInt64}
	reals   = []float64{0, 1, 500, 59.33, 90, -90, 90.0001, 180, -180, 179.9999, -179.9999, 1e9, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}
	strange = []string{"", "a", "b", strings.Repeat("x", 300), "\x00", "Å", "cross-site", "POST", "None", "t13d1516h2_8daaf6152771_02713d6af862", "q13d0310h3_55b375c5d22e_06cda9e17597"}
)

func (w *world) set(e *detector.Event, f *detector.EventField) {
	t := w.t
	switch {
	case f.Text != nil:
		*f.Text(e) = rapid.SampledFrom(append(strange, f.Enum...)).Draw(t, f.Name)
	case f.Word != nil:
		*f.Word(e) = detector.Enum(rapid.IntRange(0, len(f.Enum)).Draw(t, f.Name))
	case f.Flag != nil:
		*f.Flag(e) = detector.Flag(rapid.IntRange(0, 2).Draw(t, f.Name))
	case f.Whole != nil:
		*f.Whole(e) = detector.Whole{V: rapid.SampledFrom(wholes).Draw(t, f.Name), Set: true}
	case f.Real != nil:
		*f.Real(e) = detector.Real{V: rapid.SampledFrom(reals).Draw(t, f.Name), Set: true}
	case f.Moment != nil:
		*f.Moment(e) = detector.Moment{MS: rapid.SampledFrom([]int64{0, e.TimeMS, e.TimeMS - 3600_000, e.TimeMS - 48*3600_000, e.TimeMS + 3600_000, math.MaxInt64, math.MinInt64}).Draw(t, f.Name), Set: true}
	case f.IP != nil:
		*f.IP(e) = netip.IPv6LinkLocalAllNodes()
	case f.Texts != nil:
		*f.Texts(e) = rapid.SampledFrom([][]string{nil, {"a"}, {"rooted", "overlay"}, {"pwd", "otp"}}).Draw(t, f.Name)
	case f.Set != nil:
		*f.Set(e) = detector.Anonymous(rapid.IntRange(0, 63).Draw(t, f.Name))
	}
}

// tell writes an event as a transcript does, without what is absent.
func tell(e *detector.Event) string {
	line := fmt.Sprintf("%d %s", e.TimeMS, e.TypeName)
	if e.Client.IP.IsValid() {
		line += " client.ip=" + e.Client.IP.String()
	}
	for i := range detector.EventFields {
		if f := &detector.EventFields[i]; f.Name != "client.ip" && f.Present(e) && !f.Attribute {
			line += " " + f.Name + "=" + valueText(f, e)
		}
	}
	return line + fmt.Sprintf(" agent=%s/%s", e.Client.Agent.Browser, e.Client.Agent.OS)
}

func valueText(f *detector.EventField, e *detector.Event) string {
	switch v := f.Value(e); f.Type {
	case rules.Integer, rules.ASN, rules.Duration:
		return fmt.Sprint(v.Int)
	case rules.Number:
		return fmt.Sprint(v.Num)
	case rules.Bool:
		return fmt.Sprint(v.Bool)
	case rules.Strings:
		return fmt.Sprint(v.Strs)
	default:
		return v.Str
	}
}

// story lists what was drawn.
func (w *world) story() string { return "\n" + strings.Join(w.told, "\n") }
