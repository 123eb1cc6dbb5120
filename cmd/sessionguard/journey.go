package main

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/bank"
)

// maxJourneys bounds how many events' journeys are remembered until their decision is shown.
const maxJourneys = 50_000

// journeys remembers where each session was, so that a decision can be shown with where it went.
type journeys struct {
	reader ingest.Worker
	last   map[string]string // place by session id
	events map[string]string // journey by event id
	order  []string          // of events, the oldest at next
	next   int
}

func newJourneys(db *geo.Databases) *journeys {
	return &journeys{reader: ingest.Worker{Enricher: enrich.New(db, false)}, last: map[string]string{}, events: map[string]string{}}
}

// add takes the journey of an event.
func (j *journeys) add(event []byte) {
	e, err := j.reader.Read(cloudevents.Message{Value: event}, detector.Record{})
	if err != nil || !e.Client.IP.IsValid() {
		return
	}
	here := placeOf(&e.Client.Geo)
	journey := here
	if before := j.last[e.Session.ID]; before != "" && before != here {
		journey = before + " -> " + here
	}
	if e.Session.ID != "" {
		j.last[strings.Clone(e.Session.ID)] = here
	}
	j.remember(strings.Clone(e.ID), journey)
}

func (j *journeys) remember(event, journey string) {
	j.events[event] = journey
	if len(j.order) < maxJourneys {
		j.order = append(j.order, event)
		return
	}
	delete(j.events, j.order[j.next])
	j.order[j.next] = event
	j.next = (j.next + 1) % maxJourneys
}

// of gives the journey of an event; "" when it is not known.
func (j *journeys) of(event string) string { return j.events[event] }

// placeOf names a place for people.
func placeOf(g *detector.Geo) string {
	switch {
	case g.Anonymous&detector.Tor != 0:
		return "Tor"
	case g.Anonymous&detector.VPN != 0:
		return "VPN in " + g.Country
	case g.City == "":
		return strings.TrimSpace(g.Country + fmt.Sprintf(" AS%d", g.ASN.V))
	}
	return g.City + " " + g.Country
}

// decisionLine is as much of a decision's JSON as the demo shows.
type decisionLine struct {
	Time      string `json:"time"`
	SessionID string `json:"session_id"`
	UserID    string `json:"user_id"`
	EventID   string `json:"event_id"`
	Action    string `json:"action"`
	Mode      string `json:"mode"`
	Would     string `json:"would"`
	Score     int    `json:"score"`
	Command   string `json:"command"`
	Rules     []struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	} `json:"rules"`
}

// answer is the decision as the score looks at it.
func (d *decisionLine) answer(atMS int64) bank.Answer {
	a := bank.Answer{SessionID: d.SessionID, UserID: d.UserID, Action: d.Action, Mode: d.Mode, TimeMS: atMS}
	if len(d.Rules) > 0 {
		a.Rule = d.Rules[0].ID
	}
	return a
}

// colours by action, as ANSI codes.
var colours = map[string]string{
	"none": "2", "observe": "2", "arm": "36", "require_reauth": "33", "revoke_session": "31;1", "revoke_user_sessions": "31;1",
}

// wideRow is from how many columns on a decision is shown with its session and the whole journey.
const wideRow = 120

// text gives the decision as one line of at most so many columns, 0 for no limit: when, who, from where to where, what we did,
// and why.
func (d *decisionLine) text(session, journey string, colour bool, columns int) string {
	cell := fmt.Sprintf("%-26s", d.did())
	from := fmt.Sprintf("%-12.12s %-34s", session, journey)
	if columns > 0 && columns < wideRow {
		from = fmt.Sprintf("%-24s", cut(journey, 24))
	}
	at, _, _ := strings.Cut(d.Time[min(len(d.Time), len("2006-01-02T")):], ".")
	line := cut(fmt.Sprintf("%s  %-8s %s %s %4d  %s", strings.TrimSuffix(at, "Z"), d.UserID, from, cell, d.Score, d.why()), columns)
	if colour {
		line = strings.Replace(line, cell, "\x1b["+colours[d.Action]+"m"+cell+"\x1b[0m", 1)
	}
	return line + "\n"
}

// did gives what was done, or what shadow rules would have done.
func (d *decisionLine) did() string {
	did := d.Action
	if d.Mode == "shadow" && d.Would != "" {
		did = "would " + d.Would
	}
	if d.Command == "repeated" {
		did += " (in force)"
	}
	return did
}

func (d *decisionLine) ruleNames() []string {
	names := make([]string, len(d.Rules))
	for i, r := range d.Rules {
		names[i] = r.ID
	}
	return names
}

// why gives the rules and the leading one's reason.
func (d *decisionLine) why() string {
	if len(d.Rules) == 0 {
		return "its session stands there"
	}
	return strings.Join(d.ruleNames(), ", ") + ": " + d.Rules[0].Reason
}
