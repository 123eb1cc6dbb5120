package detector_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"pgregory.net/rapid"
)

// honest draws the life of one customer, in order: logins that change the id, requests, refreshes of which an answer gets lost, rotations,
// step-ups, payments, logouts; at home by both address families, or on a phone between wifi and its carrier.
type honest struct {
	t          *rapid.T
	user       string
	pays       bool
	active     int64 // her last request
	authed     int64 // her last login or step-up, which the app attests when she pays
	rested     bool  // she left the session alone for long since she proved who she is
	client     string
	places     []string
	place      string
	session    string
	previous   string
	sessions   int
	generation int
	now        int64
	n          int
	events     []*detector.Event
}

func newHonest(t *rapid.T, user string) *honest {
	h := &honest{t: t, user: user, now: storyStart.UnixMilli(), client: "chrome", places: []string{"stockholm", "stockholm-b", "stockholm-6"}}
	if rapid.Bool().Draw(t, "phone") {
		h.client, h.places = "phone", []string{"stockholm", "carrier"}
	}
	h.place = h.places[0]
	return h
}

func (h *honest) say(kind detector.EventType, afterMS int64) *detector.Event {
	h.n++
	h.now += afterMS
	switch {
	case kind == detector.SessionCreated, kind == detector.AuthReauthenticated:
		h.rested, h.active, h.authed = false, h.now, h.now
	case kind == detector.SessionPresented:
		h.rested, h.active = h.rested || h.now-h.active > 24*60_000, h.now
	}
	e := &detector.Event{ID: fmt.Sprint(h.user, "-", h.n), Source: "/honest", Type: kind, TypeName: kind.String(), TimeMS: h.now}
	e.User.ID, e.Session.ID = h.user, h.session
	var st story
	st.setAll(h.t, e, places[h.place], h.place)
	st.setAll(h.t, e, clients[h.client], h.client)
	h.events = append(h.events, e)
	return e
}

// login begins a session: by a visit that names nobody, or at once.
func (h *honest) login() {
	h.sessions++
	h.generation = 0
	name := fmt.Sprint(h.user, "-s", h.sessions)
	if rapid.Bool().Draw(h.t, "visit") {
		h.session = name + "-visit"
		h.say(detector.SessionPresented, h.pause()).User.ID = ""
		h.previous, h.session = h.session, name
		h.say(detector.SessionCreated, 20_000).Session.PreviousID = h.previous
		return
	}
	h.session = name
	h.say(detector.SessionCreated, h.pause())
}

func (h *honest) pause() int64 {
	return rapid.SampledFrom([]int64{1, 700, 3000, 20_000, 61_000, 400_000, 3600_000}).Draw(h.t, "pause")
}

func (h *honest) rotate(afterMS int64) {
	h.previous = h.session
	h.session = fmt.Sprint(h.session, "r")
	h.say(detector.SessionRenewed, afterMS).Session.PreviousID = h.previous
}

// deed is one thing that the customer, or her app, does.
func (h *honest) deed() {
	switch rapid.SampledFrom([]string{"look", "look", "look", "move", "refresh", "lost", "rotate", "step-up", "pay", "credential", "leave"}).Draw(h.t, "deed") {
	case "look":
		h.say(detector.SessionPresented, h.pause())
	case "move":
		h.place = rapid.SampledFrom(h.places).Draw(h.t, "place")
		h.say(detector.SessionPresented, h.pause()+5_000)
	case "refresh":
		h.refresh(h.pause())
	case "lost":
		h.refresh(h.pause())
		h.generation--
		h.refresh(rapid.SampledFrom([]int64{10, 5_000, 300_000}).Draw(h.t, "retry"))
	case "rotate":
		h.rotate(h.pause())
	case "step-up":
		h.stepUp()
	case "pay":
		if !h.pays {
			return
		}
		if h.rested || h.now-h.active > 24*60_000 {
			h.stepUp()
		}
		e := h.say(detector.ActionRequested, 20_000)
		e.Auth.Time = detector.Moment{MS: h.authed, Set: true}
		e.Action.Kind, e.Action.Sensitivity = detector.ActionTransfer, detector.SensitivityHigh
		h.say(detector.ActionCompleted, 900).Outcome = detector.OutcomeSuccess
	case "credential":
		h.say(detector.CredentialChanged, h.pause())
		h.rotate(200)
	case "leave":
		h.say(detector.SessionEnded, h.pause()).Session.EndReason = detector.EndLogout
		h.login()
	}
}

func (h *honest) stepUp() {
	h.say(detector.AuthReauthenticated, h.pause()).Outcome = detector.OutcomeSuccess
	h.rotate(300)
}

func (h *honest) refresh(afterMS int64) {
	h.generation++
	e := h.say(detector.TokenRefreshed, afterMS)
	e.Token = detector.Token{Family: h.user + fmt.Sprint(h.sessions), ID: fmt.Sprint("t", h.generation), Generation: detector.Whole{V: int64(h.generation), Set: true}}
}

// disorder delivers events out of their order, none later than a time after a younger one.
func disorder(t *rapid.T, events []*detector.Event, withinMS int64) []*detector.Event {
	arrival := map[*detector.Event]int64{}
	for _, e := range events {
		arrival[e] = e.TimeMS + rapid.Int64Range(0, withinMS).Draw(t, "delay")
	}
	mixed := slices.Clone(events)
	slices.SortStableFunc(mixed, func(a, b *detector.Event) int { return int(arrival[a] - arrival[b]) })
	return mixed
}

// An honest customer whose events come late is asked for nothing. Up to a day late, while she does not pay: who asks for a payment, when of
// half an hour before it nothing has come yet, is asked who he is (stale-auth-for-sensitive-action, max_idle).
func TestPropertyDisorder(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		h := newHonest(t, "anna")
		within := rapid.SampledFrom([]int64{1000, 30_000, 280_000, 3600_000, 22 * 3600_000}).Draw(t, "within")
		h.pays = within < 300_000
		h.login()
		for range rapid.IntRange(1, 20).Draw(t, "deeds") {
			h.deed()
		}
		noCommands(t, detector.NewHouse(detector.Config{Rules: set}, detector.Dealing{}), h.events, "in order")
		noCommands(t, detector.NewHouse(detector.Config{Rules: set}, detector.Dealing{}), disorder(t, h.events, within), "out of order")
	})
}

func noCommands(t *rapid.T, h *detector.House, events []*detector.Event, how string) {
	var told string
	for i, e := range events {
		e.Record = detector.Record{Topic: "t", Offset: int64(i)}
		told += "\n" + tell(e)
		h.Observe(e, func(_ *detector.Event, out detector.Outcome) {
			if len(out.Commands) > 0 {
				t.Fatalf("%s: %s%s", how, render(out), told)
			}
		})
	}
}
