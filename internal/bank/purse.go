package bank

import "strconv"

// purse is a customer's card: where it is used, the bank knows where she is. Not every bank joins its card events with
// its sessions, so only some customers have one here.
type purse struct{ c *customer }

// How often the bank sees a customer in a place. In the euro area people made 39.6 billion card payments in the second half of 2023
// (ECB, payments statistics), 0.6 a day and person; a part of them online, where they tell nothing of a place. Nearly everybody has a card
// (609 million in 2020, ECB), not everybody of this bank, and some pay in cash: that share is plausible, not measured.
const (
	sharePurse   = 0.6
	purseDays    = 2.0 // mean between two events at home
	purseDaysOut = 0.8 // away: the first payments in a new place are the ones that are told
)

// sighting kinds by how often they are seen, and how exact they are.
var purseKinds = []struct {
	kind     string
	radiusKM string
}{{"card_present", "1"}, {"card_present", "1"}, {"card_present", "1"}, {"card_present", "1"}, {"atm", "0.2"}, {"atm", "0.2"}, {"branch", "0.1"}}

// carry gives some customers a purse.
func (b *Bank) carry(c *customer) {
	if chance(c.rng, sharePurse) {
		p := &purse{c}
		b.in(p.wait(b), p)
	}
}

func (p *purse) wait(b *Bank) int64 {
	days := purseDays
	if p.c.place(b.nowMS) != p.c.home {
		days = purseDaysOut
	}
	return int64(p.c.rng.ExpFloat64() * days * dayMS)
}

func (p *purse) act(b *Bank) {
	c := p.c
	if notice := c.trip.noticeMS; notice != 0 && b.nowMS >= notice && b.nowMS < c.trip.leave {
		c.trip.noticeMS = 0
		b.emit(&event{kind: "place.observed", customer: c, place: placeJSON(cityPlace(c.trip.city), "50", "travel_notice")}, "", 0)
	} else if hour := localMS(c.home, b.nowMS) / hourMS % 24; !c.flying(b.nowMS) && hour >= 7 && hour < 22 {
		k := purseKinds[c.rng.IntN(len(purseKinds))]
		lat, lon := c.where(b.nowMS)
		b.emit(&event{kind: "place.observed", customer: c, place: placeJSON([2]float64{lat, lon}, k.radiusKM, k.kind)}, "", 0)
	}
	wait := p.wait(b)
	if t := &c.trip; t.arrive > b.nowMS && t.arrive < b.nowMS+wait {
		wait = t.arrive - b.nowMS + between(c.rng, 10, 240)*60_000 // something is bought soon after the arrival
	}
	b.in(wait, p)
}

func placeJSON(at [2]float64, radiusKM, kind string) string {
	return `"lat":` + strconv.FormatFloat(at[0], 'f', 4, 64) + `,"lon":` + strconv.FormatFloat(at[1], 'f', 4, 64) + `,"radius_km":` + radiusKM + `,"kind":"` + kind + `"`
}
