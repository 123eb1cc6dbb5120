package detector

// What is normal for a customer, beyond one session. Everything is bounded, and fades: a country that was not seen for a month is as good as
// new, an hour of the day is learned from the latest hundred sessions.

// visited is a country that the user's sessions were in. Days are counted since 1970: a month needs no finer clock.
type visited struct {
	country uint16
	weight  uint16 // visits, halved for every 30 days of absence: the least gives way
	first   uint16
	last    uint16
}

// ownDevice is a device that the user's sessions were used with: its device.id, else its client's family.
type ownDevice struct {
	id    uint32
	first uint32 // Unix seconds
	last  uint32
}

// pair is an edge between two providers that the user's unchanged client went between: wifi and the phone's carrier, home and the office's
// exit. a < b; 0 is free.
type pair struct {
	a, b  uint32
	first uint32 // Unix seconds: since when it is in use without a finding above arm
	last  uint16 // day
	_     [2]uint8
}

const (
	dayMS = 24 * 3600_000
	// unseenDays makes a country atypical again (BuffaLogs).
	unseenDays = 30
	// The bounds of cold start (contracts: rules that ship): before them a habit is not known.
	coldSessions = 10
	coldDays     = 5
)

// seconds gives Unix ms as Unix seconds that are never 0: 0 is never.
func seconds(ms int64) uint32 { return uint32(min(max(ms/1000, 1), 1<<32-1)) }

// day gives Unix ms as days since 1970, never 0.
func day(ms int64) uint16 { return uint16(min(max(ms/dayMS, 1), 1<<16-1)) }

// habitual says whether enough is known of a user for rules about habits.
func (u *user) habitual() bool { return u.logins >= coldSessions && u.days >= coldDays }

// visit takes a country into the user's normal.
func (u *user) visit(country uint16, now int64) {
	today, least := day(now), 0
	for i := range u.countries {
		v := &u.countries[i]
		if v.country == country {
			v.weight = v.faded(today) + 1
			v.first, v.last = min(v.first, today), max(v.last, today)
			return
		}
		if v.faded(today) < u.countries[least].faded(today) {
			least = i
		}
	}
	u.countries[least] = visited{country: country, weight: 1, first: today, last: today}
}

// faded is a country's weight today.
func (v *visited) faded(today uint16) uint16 {
	if today <= v.last {
		return min(v.weight, 1<<15)
	}
	return min(v.weight, 1<<15) >> min((today-v.last)/unseenDays, 15)
}

// countryOf gives what is known of a country, nil for nothing.
func (u *user) countryOf(country uint16) *visited {
	for i := range u.countries {
		if v := &u.countries[i]; v.country == country && v.last != 0 {
			return v
		}
	}
	return nil
}

// inCountry says whether the user was in a country lately.
func (u *user) inCountry(country uint16, now int64, days uint16) bool {
	v := u.countryOf(country)
	return v != nil && int(day(now))-int(v.last) <= int(days)
}

// use takes a client into the user's devices: under its device.id, and under its family for events that bring no id.
func (u *user) use(p *print, now int64) {
	u.own(p.device, now)
	u.own(p.family(), now)
}

// own takes a device into the user's normal; the one that was silent longest gives way.
func (u *user) own(id uint32, now int64) {
	if id == 0 {
		return
	}
	oldest := 0
	for i := range u.devices {
		d := &u.devices[i]
		if d.id == id {
			d.first, d.last = min(d.first, seconds(now)), max(d.last, seconds(now))
			return
		}
		if d.last < u.devices[oldest].last {
			oldest = i
		}
	}
	u.devices[oldest] = ownDevice{id: id, first: seconds(now), last: seconds(now)}
}

// owns says whether a device has been the user's for some time.
func (u *user) owns(id uint32, now, sinceMS int64) bool {
	for i := range u.devices {
		if d := &u.devices[i]; id != 0 && d.id == id {
			return now-int64(d.first)*1000 >= sinceMS
		}
	}
	return false
}

// settledIn says whether the user has had any device for a day.
func (u *user) settledIn(now int64) bool {
	for i := range u.devices {
		if d := &u.devices[i]; d.id != 0 && now-int64(d.first)*1000 >= learnedAfterMS {
			return true
		}
	}
	return false
}

// family is how a client without a device.id is known among the user's devices; 0 when nothing is known of it. Versions are no part of it:
// an update is no new device.
func (p *print) family() uint32 {
	if p.browser == UnknownBrowser && p.os == UnknownOS {
		return 0
	}
	return 1<<31 | uint32(p.browser)<<20 | uint32(p.engine)<<14 | uint32(p.os)<<7 | uint32(p.class)
}

// attend notes a session among the user's recent ones. What is forgotten first: what is not the user's live session any more, then what was
// used longest ago.
func (g *Engine) attend(u *user, slot uint32) {
	var free *uint32
	for i := range u.recent {
		r := &u.recent[i]
		switch {
		case *r == slot:
			return
		case free == nil, g.idler(*r, *free, u):
			free = r
		}
	}
	*free = slot
}

func (g *Engine) idler(a, b uint32, u *user) bool {
	x, y := g.liveOf(a, u), g.liveOf(b, u)
	return y != nil && (x == nil || x.last < y.last)
}

// liveOf gives a live session of a user by its slot, nil when the slot is another's by now.
func (g *Engine) liveOf(slot uint32, u *user) *session {
	if slot == 0 {
		return nil
	}
	s := g.sessions.at(slot)
	if s.ended != 0 || s.user == 0 || s.userCheck != u.key.lo || g.users.at(s.user) != u {
		return nil
	}
	return s
}

// eachOther shows the user's other live sessions, as far as they are remembered.
func (g *Engine) eachOther(o *observation, show func(*session)) {
	for _, slot := range o.u.recent {
		if s := g.liveOf(slot, o.u); s != nil && s != o.s && !g.expired(s) {
			show(s)
		}
	}
}

// pairOf gives the edge between two providers, nil for none.
func (u *user) pairOf(a, b uint32) *pair {
	a, b = min(a, b), max(a, b)
	for i := range u.pairs {
		if p := &u.pairs[i]; a != 0 && a != b && p.a == a && p.b == b {
			return p
		}
	}
	return nil
}

// paired says whether the user's own client is known to go between two providers: for a day, or vouched for by a step-up, or because his
// sessions have used both for a day.
func (u *user) paired(a, b uint32, now int64) bool {
	if p := u.pairOf(a, b); p != nil && now-int64(p.first)*1000 >= learnedAfterMS {
		return true
	}
	return a != b && u.knowsASN(a, now, learnedAfterMS) && u.knowsASN(b, now, learnedAfterMS)
}

// pairUp notes that the user's client went between two providers, since when (Unix ms) it is known to; the edge that was silent longest gives
// way, those that are not learned yet first.
func (u *user) pairUp(a, b uint32, since, now int64) {
	p := u.pairOf(a, b)
	if p == nil {
		p = &u.pairs[0]
		for i := range u.pairs {
			if u.pairs[i].lasting(now) < p.lasting(now) {
				p = &u.pairs[i]
			}
		}
		*p = pair{a: min(a, b), b: max(a, b), first: seconds(since)}
	}
	p.first, p.last = min(p.first, seconds(since)), max(p.last, day(now))
}

func (p *pair) lasting(now int64) int {
	if p.last != 0 && now-int64(p.first)*1000 >= learnedAfterMS {
		return int(p.last) + 1<<16
	}
	return int(p.last)
}

// part drops the edges to a provider that are not learned yet: something was found there.
func (u *user) part(asn uint32, now int64) {
	for i := range u.pairs {
		if p := &u.pairs[i]; (p.a == asn || p.b == asn) && now-int64(p.first)*1000 < learnedAfterMS {
			*p = pair{}
		}
	}
}

// comeAt notes the hour at which a session began. When two hundred are counted all are halved: older sessions fade.
func (u *user) comeAt(now int64) {
	sum := 0
	for _, n := range u.hours {
		sum += int(n)
	}
	if sum >= 200 {
		for h := range u.hours {
			u.hours[h] /= 2
		}
	}
	u.hours[hourOf(now)]++
}

// hourOf is the hour of the day in UTC. The user's own time zone is a fixed number of hours from it, so his habit is as sharp in UTC; the
// place of the event would not do, for it is the thief's. Summer time and a journey move the habit by an hour or some, which fades in.
func hourOf(ms int64) int { return int((ms/3600_000%24 + 24) % 24) }

// likelihood is how probable a session at that hour is, from 0 to 1: the counts of the hours within two are taken in with falling weight
// (1, 2, 3, 2, 1), for nobody comes by the clock.
func (u *user) likelihood(now int64) float64 {
	weights := [...]int{1, 2, 3, 2, 1}
	near, sum := 0, 0
	for i, w := range weights {
		near += w * int(u.hours[(hourOf(now)+i+22)%24])
	}
	for _, n := range u.hours {
		sum += int(n)
	}
	if sum == 0 {
		return 1
	}
	return float64(near) / float64(3*sum)
}

// login counts a session, and the day that it came on.
func (u *user) login(now int64) {
	u.logins = min(u.logins, 1<<16-2) + 1
	if d := day(now); d > u.lastDay {
		u.lastDay = d
		u.days = min(u.days, 1<<16-2) + 1
	}
}
