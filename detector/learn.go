package detector

// learn takes an event on which nothing fired into the session's and the user's normal.
func (g *Engine) learn(o *observation) {
	s := o.s
	if o.compared || s.events == 1 {
		s.client.absorb(&o.print)
	}
	if !o.e.Client.IP.IsValid() || o.e.User.ActorID != "" && s.events > 1 && !o.compared {
		return
	}
	if o.signals&networkChanged == 0 && s.events > 1 {
		g.stayOn(o)
		return
	}
	g.learnPlace(o)
	if !o.late {
		s.flags |= settled
	}
}

// stayOn is the ordinary event: the same client at the same address.
func (g *Engine) stayOn(o *observation) {
	s := o.s
	if s.place.ip == s.lastIP {
		s.place.to = max(s.place.to, o.now)
	}
	if s.country != 0 && s.countryAt != 0 && s.place.ip == s.lastIP {
		s.countryAt = max(s.countryAt, o.now)
	}
}

// learnPlace makes the event's place the previous one of the next event, in event time.
func (g *Engine) learnPlace(o *observation) {
	s := o.s
	if o.countryWhy == "" && !g.apart(o) && o.now >= s.countryAt {
		s.country, s.countryAS, s.countryAt = o.place.country, o.place.asn, o.now
	}
	if n := o.network(); o.u != nil && o.e.User.ActorID == "" && n.asn != 0 {
		o.u.learn(&n, o.now)
	}
	if o.travelWhy != "" || g.apart(o) {
		return
	}
	g.namePlace(o)
	switch {
	case s.place.to == 0:
		s.place = stay{o.place, o.now, o.now}
	case s.place.sameAddress(&o.place):
		s.place.extend(o.now, o.trail)
	case o.now >= s.place.to:
		g.trailOf(o).push(s.place)
		s.place = stay{o.place, o.now, o.now}
	default:
		g.trailOf(o).insert(stay{o.place, o.now, o.now})
	}
}

// namePlace notes what people call the event's place.
func (g *Engine) namePlace(o *observation) {
	geo := &o.e.Client.Geo
	if o.place.name = g.names.number(geo.City); o.place.name == 0 {
		o.place.name = g.names.number(geo.Region)
	}
}

// extend takes a further time at the same place in; a late one only as far back as the place before.
func (st *stay) extend(now int64, t *trail) {
	st.to = max(st.to, now)
	if t == nil || now >= t.stays[0].to {
		st.from = min(st.from, now)
	}
}

// trailOf gives the session's trail, which it makes for a session that moves for the first time.
func (g *Engine) trailOf(o *observation) *trail {
	if o.trail == nil {
		o.s.trail = g.trails.take()
		o.trail = g.trails.at(o.s.trail)
	}
	return o.trail
}

func (t *trail) push(st stay) {
	copy(t.stays[1:], t.stays[:len(t.stays)-1])
	t.stays[0] = st
}

// insert puts a late stay at its place in time, if there is room among the newest.
func (t *trail) insert(st stay) {
	for i := range t.stays {
		if st.to >= t.stays[i].to {
			copy(t.stays[i+1:], t.stays[i:len(t.stays)-1])
			t.stays[i] = st
			return
		}
	}
}

// apart says whether the event is at a place that impossible travel was found for and that no step-up has vouched for since.
func (g *Engine) apart(o *observation) bool {
	if o.s.risk == 0 {
		return false
	}
	n := o.network()
	r := g.risks.at(o.s.risk)
	for i := range r.apart {
		if a := &r.apart[i]; a.last != 0 && a.prefix == n.prefix && (a.flags^n.flags)&networkV6 == 0 {
			return true
		}
	}
	return false
}

// passStepUp is a proven customer: network, place and client of this event belong to the baseline, the risk that they caused falls.
func (g *Engine) passStepUp(o *observation) {
	s := o.s
	s.reauthed = max(s.reauthed, o.now)
	if !o.e.Client.IP.IsValid() {
		return
	}
	if s.risk != 0 {
		r := g.risks.at(s.risk)
		r.pass(o.context())
		r.join(o.network())
	}
	s.client.absorb(&o.print)
	g.learnPlace(o)
	if !o.late {
		s.flags |= settled
	}
	if o.trail != nil {
		n := o.network()
		n.flags |= networkLearned
		o.trail.note(n)
	}
}

// join forgets that a network was kept apart.
func (r *risk) join(n network) {
	for i := range r.apart {
		if a := &r.apart[i]; a.prefix == n.prefix && (a.flags^n.flags)&networkV6 == 0 {
			*a = network{}
		}
	}
}

// setApart keeps the place of an impossible journey out of the baseline.
func (r *risk) setApart(n network) {
	oldest := 0
	for i := range r.apart {
		a := &r.apart[i]
		if a.prefix == n.prefix && (a.flags^n.flags)&networkV6 == 0 {
			oldest = i
			break
		}
		if a.last < r.apart[oldest].last {
			oldest = i
		}
	}
	r.apart[oldest] = n
}
