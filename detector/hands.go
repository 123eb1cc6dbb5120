package detector

// hands is which clients used a session, and when each came and went. Only a session that a second client has shown has it.
type hands struct {
	of     [maxHands]hand
	visits [maxVisits]visit // in event time, the oldest first; free ones are behind
}

// What is remembered: further clients and visits take the place of the oldest.
const (
	maxHands  = 4
	maxVisits = 8
)

// hand is one client with its faces: the native client and the web view of an app, or a phone's own site and the desktop site.
type hand struct {
	faces   [2]print
	seen    int64 // its latest sighting
	vouched uint8 // it began the session, or it passed a step-up
	atHome  uint8 // it was learned on a network of the session's own client
	_       [6]uint8
}

// visit is a time in which no other hand showed the session. from and to are sightings.
type visit struct {
	from, to  int64
	sightings uint16 // at different times
	hand      uint8  // from 1; 0: free
	_         [5]uint8
}

// nobody is whose a client is when it may be that of several hands.
const nobody = 0xff

// shows says whether the event shows whose hand the session is in. A refused event does not: an id that the app refuses is in use by nobody,
// and who knows no more than an id could else have its owner thrown out. Nor does the phone on which the customer approves a step-up.
func (o *observation) shows() bool {
	return o.compared && o.e.Outcome != OutcomeFailure && o.print.known() && !o.approves && !o.byApprover()
}

// handle notes who showed the session. It begins with the second client.
func (g *Engine) handle(o *observation, teaches bool) {
	s := o.s
	if s.hands == 0 && o.signals&clientChanged == 0 || !o.shows() || s.hands == 0 && o.sameHand(&s.client) {
		return
	}
	if s.hands == 0 {
		s.hands = g.hands.take()
		g.hands.at(s.hands).begin(s)
	}
	h := g.hands.at(s.hands)
	i, _ := h.note(o)
	if i == nobody {
		return
	}
	if o.e.Type == AuthReauthenticated && o.e.Outcome == OutcomeSuccess {
		h.of[i-1].vouched, teaches = 1, true
	}
	if teaches && !o.late {
		h.of[i-1].learn(o)
	}
}

// own is the client that the event is held against: what the session's owner shows. Of a session in several hands that is the hand of the event,
// where it began the session or passed a step-up; else the client that was learned last.
func (g *Engine) own(o *observation) *print {
	if o.s.hands != 0 {
		h := g.hands.at(o.s.hands)
		if i := h.whose(o); i != 0 && i != nobody && h.of[i-1].vouched != 0 {
			return h.of[i-1].face(&o.print)
		}
	}
	return &o.s.client
}

// clientsOf counts the clients that showed a session.
func (g *Engine) clientsOf(s *session) (n int) {
	if s.hands == 0 {
		return min(1, int(s.flags&hasBaseline))
	}
	h := g.hands.at(s.hands)
	for i := range h.of {
		if h.of[i].faces[0].known() {
			n++
		}
	}
	return n
}

// note adds the event's client. It gives the hand that it is, and whether the session changed hands by it.
func (h *hands) note(o *observation) (i uint8, changed bool) {
	i = h.whose(o)
	switch i {
	case nobody:
		return i, false
	case 0:
		i = h.greet(&o.print, o.now)
	}
	x := &h.of[i-1]
	x.seen = max(x.seen, o.now)
	x.show(&o.print)
	return i, h.see(i, o.now)
}

// begin takes the session's own client as the first hand: it was the only one so far, so what was learned are its sightings.
func (h *hands) begin(s *session) {
	v := visit{from: s.lastIPAt, to: s.lastIPAt, sightings: 1, hand: 1}
	for _, sec := range s.times {
		if sec != 0 {
			v.from = min(v.from, int64(sec)*1000+999) // the times are whole seconds: the last moment that it can have been
		}
	}
	if v.from < v.to {
		v.sightings++
	}
	h.of[0], h.visits[0] = hand{faces: [2]print{s.client}, seen: v.to, vouched: 1}, v
}

// whose says which hand the event's client is: 0 for one that was not seen before. Where what an event lacks leaves several, it is the one
// that was there at the time.
func (h *hands) whose(o *observation) uint8 {
	var found uint8
	several := false
	for i := range h.of {
		if h.of[i].is(o) {
			several = found != 0
			found = uint8(i + 1)
		}
	}
	if !several {
		return found
	}
	at := h.at(o.now)
	for k := at; k <= at+1; k++ {
		if k >= 0 && k < maxVisits && h.visits[k].hand != 0 && h.of[h.visits[k].hand-1].is(o) {
			return h.visits[k].hand
		}
	}
	return nobody
}

// is says whether the event's client is this hand: one of its faces, or another face of one that it has.
func (x *hand) is(o *observation) bool {
	other := false
	for i := range x.faces {
		f := &x.faces[i]
		switch {
		case !f.known():
		case sameClient(f, &o.print, o.s.kind == KindMobileApp):
			return true
		case sameFace(f, &o.print):
			return false // such a face, and something else against it
		}
		other = other || f.known() && o.sameHand(f)
	}
	return other
}

// sameHand says whether the event's client is that of a print, or the same phone on the desktop site. A proof is sure: what all but proves one phone
// is enough to be one hand on any network.
func (o *observation) sameHand(p *print) bool {
	return sameClient(p, &o.print, o.s.kind == KindMobileApp) || desktopSwitch(p, &o.print) && (o.atHome() || likeOnePhone(p, &o.print))
}

// show keeps a face that was not seen before.
func (x *hand) show(p *print) {
	if !sameFace(&x.faces[0], p) && (!x.faces[1].known() || !sameFace(&x.faces[1], p)) {
		x.faces[1] = *p
	}
}

// learn takes over what a client that nothing speaks against shows of itself.
func (x *hand) learn(o *observation) {
	if o.unmoved() {
		x.atHome = 1
	}
	if f := x.face(&o.print); o.print.agent != 0 && sameFace(f, &o.print) {
		f.absorb(&o.print)
	}
}

// face gives the face of a hand that a client shows.
func (x *hand) face(p *print) *print {
	if f := &x.faces[1]; f.known() && sameFace(f, p) && !sameFace(&x.faces[0], p) {
		return f
	}
	return &x.faces[0]
}

// sameFace says whether two prints are of one kind of client, whatever speaks against their being one.
func sameFace(a, b *print) bool {
	return !browserDiffers(a, b) && !differs(a.engine, b.engine) && !differs(a.os, b.os) && !differs(a.class, b.class)
}

// greet makes room for a further hand; the one that was silent longest gives way, with its visits.
func (h *hands) greet(p *print, now int64) uint8 {
	oldest := 0
	for i := range h.of {
		if !h.of[i].faces[0].known() {
			oldest = i
			break
		}
		if h.of[i].seen < h.of[oldest].seen {
			oldest = i
		}
	}
	h.of[oldest] = hand{faces: [2]print{*p}, seen: now}
	h.forget(uint8(oldest + 1))
	return uint8(oldest + 1)
}

func (h *hands) forget(i uint8) {
	kept := h.visits[:0]
	for _, v := range h.visits {
		if v.hand != i && v.hand != 0 {
			kept = append(kept, v)
		}
	}
	clear(h.visits[len(kept):])
}

// at gives the last visit that began at or before a time; -1 for none.
func (h *hands) at(now int64) int {
	k := -1
	for i := range h.visits {
		if h.visits[i].hand != 0 && h.visits[i].from <= now {
			k = i
		}
	}
	return k
}

// see notes a sighting in its place in event time, and says whether it made the session change hands. A repeat changes nothing; of two hands
// in one moment the order that changes hands least is taken.
func (h *hands) see(i uint8, now int64) bool {
	for k := range h.visits {
		if v := &h.visits[k]; v.hand == i && v.from <= now && now <= v.to {
			return false
		}
	}
	k := h.at(now)
	switch {
	case k >= 0 && now < h.visits[k].to && now > h.visits[k].from:
		return h.split(k, i, now)
	case k >= 0 && now == h.visits[k].from && (now < h.visits[k].to || k > 0 && h.visits[k-1].hand == i):
		k--
	}
	switch {
	case k >= 0 && h.visits[k].hand == i:
		h.visits[k].to = now
		h.visits[k].sighted()
		return false
	case k+1 < maxVisits && h.visits[k+1].hand == i:
		h.visits[k+1].from = now
		h.visits[k+1].sighted()
		return true
	}
	return h.insert(k+1, visit{from: now, to: now, sightings: 1, hand: i})
}

func (v *visit) sighted() { v.sightings += min(1, 1<<16-1-v.sightings) }

// split puts a sighting into another hand's visit: of that, its two ends are sightings.
func (h *hands) split(k int, i uint8, now int64) bool {
	after := visit{from: h.visits[k].to, to: h.visits[k].to, sightings: 1, hand: h.visits[k].hand}
	h.visits[k].to = h.visits[k].from
	h.visits[k].sightings = max(h.visits[k].sightings, 2) - 1
	if !h.insert(k+1, after) {
		return false
	}
	for k = range h.visits { // making room may have moved it
		if h.visits[k] == after {
			break
		}
	}
	return h.insert(k, visit{from: now, to: now, sightings: 1, hand: i})
}

// insert makes room at a place; the oldest visit gives way. What is older than all of a full memory is not noted.
func (h *hands) insert(k int, v visit) bool {
	if h.visits[maxVisits-1].hand != 0 {
		if k == 0 {
			return false
		}
		copy(h.visits[:], h.visits[1:k])
		h.visits[k-1] = v
		return true
	}
	copy(h.visits[k+1:], h.visits[k:])
	h.visits[k] = v
	return true
}

// inheritHands gives a renewed session what was seen of the old one's hands, in place of what its new id has shown so far.
func (g *Engine) inheritHands(s, old *session) {
	if old.hands == 0 {
		return
	}
	if s.hands == 0 {
		s.hands = g.hands.take()
	}
	*g.hands.at(s.hands) = *g.hands.at(old.hands)
}
