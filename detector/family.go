package detector

import "math"

// family is a chain of refresh tokens, each of which is shown once and gives way to its successor (RFC 9700, 4.14.2).
type family struct {
	key   key
	last  int64 // the latest showing
	shown [8]shownToken
	raced uint64 // the highest generation that its own client showed more than once: its successors may be two; 0: none
	risk  uint32 // slot: of showings that name no session
	_     [4]uint8
}

// shownToken is a token of which a showing was accepted.
type shownToken struct {
	id         uint64   // hash; 0: only the generation was given
	first      int64    // the first showing, in event time
	shownBy    likeness // who showed it first
	generation uint64   // counted from 1; 0: not given
}

// presentsToken says whether an event is about a refresh token that a client presented. A token on an ordinary request is an access token:
// it is shown with every one of them.
func presentsToken(e *Event) bool {
	switch e.Type {
	case TokenReuseDetected:
		return true
	case TokenRefreshed, SessionRenewed:
		return e.Token.ID != "" || e.Token.Generation.Set
	}
	return false
}

// tokenOf takes an event's token. A generation that is none, or beyond counting, is not given.
func (g *Engine) tokenOf(o *observation) shownToken {
	t, e := shownToken{first: o.now, shownBy: likenessOf(&o.print)}, o.e
	if e.Token.ID != "" {
		k := g.hash.key(tokenKey, e.Tenant, e.Token.ID)
		t.id = k.lo | 1
	}
	if n := e.Token.Generation; n.Set && n.V >= 0 && n.V < math.MaxInt64 {
		t.generation = uint64(n.V) + 1
	}
	return t
}

// openFamily finds or makes the event's token family: the one that it names, else that of its session. What the app itself found of a user
// is kept under the user.
func (g *Engine) openFamily(o *observation) {
	e := o.e
	var k key
	switch {
	case !presentsToken(e):
		return
	case e.Token.Family != "":
		k = g.hash.key(familyKey, e.Tenant, e.Token.Family)
	case e.Session.ID != "":
		k = o.sessionKey
	case e.Type == TokenReuseDetected:
		k = o.userKey
	default:
		return
	}
	slot := g.familyAt[k]
	if slot == 0 {
		slot = g.newFamily(k)
	}
	o.family = g.families.at(slot)
}

// noteToken remembers an accepted showing, in its place in time; the one that was shown first gives way.
func (g *Engine) noteToken(o *observation) {
	f, e := o.family, o.e
	if f == nil {
		return
	}
	f.last = max(f.last, o.now)
	t := g.tokenOf(o)
	if e.Type == TokenReuseDetected || e.Outcome == OutcomeFailure || e.User.ActorID != "" || t.id == 0 && t.generation == 0 {
		return
	}
	if old := f.find(&t); old != nil {
		if old.shownBy.compare(&o.print, o.inApp()) != "another" {
			f.raced = max(f.raced, old.generation)
		}
		old.first = min(old.first, o.now)
		return
	}
	oldest := 0
	for i := range f.shown {
		if f.shown[i].free() {
			oldest = i
			break
		}
		if f.shown[i].first < f.shown[oldest].first {
			oldest = i
		}
	}
	if f.shown[oldest].free() || f.shown[oldest].first < t.first {
		f.shown[oldest] = t
	}
}

func (t *shownToken) free() bool { return t.id == 0 && t.generation == 0 }

// find gives what is known of a token: by its id, or by its generation where only that was given when it was shown.
func (f *family) find(t *shownToken) (by *shownToken) {
	for i := range f.shown {
		switch k := &f.shown[i]; {
		case k.id != 0 && k.id == t.id:
			return k
		case k.id == 0 && k.generation != 0 && k.generation == t.generation:
			by = k
		}
	}
	return by
}

// after gives the first token of a later generation that was shown between two moments; without generations, any other one that was.
func (f *family) after(t *shownToken, from, to int64) (first *shownToken) {
	for i := range f.shown {
		k := &f.shown[i]
		if k.free() || k == t || k.first <= from || k.first >= to || t.generation != 0 && k.generation != 0 && k.generation <= t.generation {
			continue
		}
		if first == nil || k.first < first.first {
			first = k
		}
	}
	return first
}

// inApp says whether the event's session is an app's: its native client and its web view are one.
func (o *observation) inApp() bool {
	return o.e.Session.Kind == KindMobileApp || o.s != nil && o.s.kind == KindMobileApp
}

func (g *Engine) newFamily(k key) uint32 {
	if g.families.live() >= g.cfg.MaxSessions {
		g.evictFamily()
	}
	slot := g.families.take()
	g.families.at(slot).key = k
	g.familyAt[k] = slot
	return slot
}

// evictFamily drops the one that was silent longest.
func (g *Engine) evictFamily() {
	g.dropFamily(g.families.victim(&g.familyHand, (*family).taken, func(a, b *family) bool { return a.last < b.last }))
	g.evicted++
}

func (f *family) taken() bool { return f.key != (key{}) }

func (g *Engine) dropFamily(slot uint32) {
	if slot == 0 {
		return
	}
	f := g.families.at(slot)
	delete(g.familyAt, f.key)
	g.risks.give(f.risk)
	g.families.give(slot)
}

// moveFamily takes the tokens that are known by a session's id along to its new one.
func (g *Engine) moveFamily(from, to key) {
	slot := g.familyAt[from]
	if slot == 0 || g.familyAt[to] != 0 {
		return
	}
	delete(g.familyAt, from)
	g.families.at(slot).key = to
	g.familyAt[to] = slot
}
