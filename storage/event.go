package storage

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// NewEventRow makes the row of a record from its event, decoded and enriched. The row shares no memory with either. An error
// means that the ids of the event could not all be hidden in its JSON; then nothing of it may be archived.
func NewEventRow(r *Record, e *detector.Event, p *Pseudonymizer) (EventRow, error) {
	m := make(mask, 0, 7)
	row := EventRow{
		Coordinates:     r.Coordinates,
		EventTimeMS:     e.TimeMS,
		Clamped:         e.Clamped,
		Session:         m.add(p, e.Tenant, SessionID, "data.session.id", e.Session.ID),
		PreviousSession: m.add(p, e.Tenant, SessionID, "data.session.previous_id", e.Session.PreviousID),
		Token:           m.add(p, e.Tenant, TokenID, "data.token.id", e.Token.ID),
		TokenFamily:     m.add(p, e.Tenant, TokenFamily, "data.token.family", e.Token.Family),
		IP:              e.Client.IP,
		Outcome:         word(detector.Outcomes, e.Outcome),
	}
	m.add(p, e.Tenant, DeviceKey, "data.device.key_thumbprint", e.Device.KeyThumbprint)
	m.addKey(p, e.Tenant, "data.observation.key", e.Observation.Key)
	row.describe(e, m)
	doc, err := structured(r)
	if err == nil {
		row.Raw, err = m.json(doc)
	}
	if err != nil {
		return EventRow{}, fmt.Errorf("archive an event: %w", err)
	}
	return row, nil
}

// describe fills the columns that people search by.
func (row *EventRow) describe(e *detector.Event, m mask) {
	row.Tenant, row.UserID = m.text(e.Tenant), m.text(e.User.ID)
	row.EventID, row.Source = m.text(e.ID), m.text(e.Source)
	row.Type = m.text(e.TypeName)
	if e.Type != detector.UnknownType {
		row.Type = e.Type.String()
	}
	row.Action = m.text(e.Action.Name)
	g, a := &e.Client.Geo, &e.Client.Agent
	row.Country, row.City = strings.Clone(g.Country), strings.Clone(g.City)
	row.ASN, row.Network = uint32(g.ASN.V), network(g)
	row.GeoBuild = strings.Clone(g.Build)
	row.Browser, row.BrowserMajor = browser(a), a.Major
	if a.OS != detector.UnknownOS {
		row.OS = a.OS.String()
	}
	if a.Device != detector.UnknownDevice {
		row.Device = a.Device.String()
	}
}

// word spells an Enum; "" is absent.
func word(words []string, e detector.Enum) string {
	if e == 0 || int(e) > len(words) {
		return ""
	}
	return words[e-1]
}

func browser(a *detector.Agent) string {
	switch {
	case a.Browser == detector.UnknownBrowser:
		return ""
	case a.Name != "":
		return strings.Clone(a.Name)
	}
	return a.Browser.String()
}

// network is "vpn,hosting,Corporate": what hides the client, then how it is connected.
func network(g *detector.Geo) string {
	if g.Anonymous == 0 {
		return strings.Clone(g.Connection)
	}
	var words []string
	for i, name := range detector.AnonymousKinds {
		if g.Anonymous&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	if g.Connection != "" {
		words = append(words, g.Connection)
	}
	return strings.Join(words, ",")
}
