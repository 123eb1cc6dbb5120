package detector

import "github.com/sessionguard/sessionguard/rules"

// risk is what was found of a session. Only a session of which something was found has one.
type risk struct {
	findings [16]mark
	commands [rules.NumActions]issued
	sent     [2]sent    // the last decisions whose commands were sent
	apart    [8]network // places of impossible journeys
	demand   demand
	armed    int64 // until when
	trusted  int64 // until when a person trusts the session
	revoked  int64 // when we last revoked the session; a passed step-up does not take it back
	thiefAt  int64 // when thief showed the session; 0: no theft is confirmed
	pending  int64 // since when a context that only reached observe or arm has been in use
	context  context
	thief    context
	highest  rules.Action // that context has reached
	held     rules.Action // that a brake or a person's trust held back, and that was not given since
	answered rules.Action // instead of held
	crowded  uint8        // more places were kept apart than there is room for
	_        [4]uint8
}

// mark is one finding that counts, or that its cooldown still hides.
type mark struct {
	at         int64
	context    context // of the event
	rule       uint32  // hash of its id, the same in every revision of the rules; 0: free
	score      uint16
	suppressed uint16
	kind       rules.Kind
	flags      markFlags
	_          [2]uint8
}

type markFlags uint8

const (
	markShadow markFlags = 1 << iota
	markProof
	markCapped
	markExcepted
	markCleared // a passed step-up took its score away
	markShown   // its cooldown has begun anew: the next finding is shown
	markFollows // of a detector that only follows what others found
)

// issued is the last command of one action, and what became of it.
type issued struct {
	id      uint64 // hash of its id; 0: none was sent
	sent    int64  // when, in event time
	at      int64  // likewise while it need not be sent again; 0: it may be
	acked   int64  // when the auth service answered last; 0: it did not
	attempt uint32
	result  Enum // Results
	_       [3]uint8
}

// standing adds up the marks that count at a time; with shadow, also those of shadow rules.
func (r *risk) standing(p *rules.Policy, now int64, shadow bool) rules.Standing {
	var s rules.Standing
	for i := range r.findings {
		m := &r.findings[i]
		if m.rule == 0 || m.flags&(markExcepted|markCleared) != 0 || m.flags&markShadow != 0 && !shadow {
			continue
		}
		score := p.Decay(int(m.score), now-m.at)
		best := &s.Best
		if m.flags&markCapped != 0 {
			best = &s.Capped
		}
		best[m.kind] = max(best[m.kind], score)
		if m.flags&markProof != 0 {
			s.Proof = max(s.Proof, score)
		}
	}
	return s
}

// of gives the mark of a rule in a mode that its cooldown still covers; nil for none.
func (r *risk) of(rule uint32, now, cooldownMS int64, flags markFlags) *mark {
	const mode = markShadow | markExcepted
	for i := range r.findings {
		m := &r.findings[i]
		if m.rule == rule && m.flags&mode == flags&mode && m.flags&(markCleared|markShown) == 0 && now-m.at < cooldownMS {
			return m
		}
	}
	return nil
}

// last gives the newest mark of a rule in a mode; nil for none.
func (r *risk) last(rule uint32, flags markFlags) *mark {
	const mode = markShadow | markExcepted
	var newest *mark
	for i := range r.findings {
		if m := &r.findings[i]; m.rule == rule && m.flags&mode == flags&mode && (newest == nil || m.at >= newest.at) {
			newest = m
		}
	}
	return newest
}

// stands says whether a finding was not taken back since, and need not be shown anew.
func (m *mark) stands() bool { return m != nil && m.flags&(markCleared|markShown) == 0 }

// put keeps a mark: over the older one of the same rule and context, else in a free place, else over the mark that counts least.
func (r *risk) put(p *rules.Policy, m mark) {
	slot, least := 0, int(^uint(0)>>1)
	for i := range r.findings {
		old := &r.findings[i]
		if old.rule == m.rule && old.context == m.context && (old.flags^m.flags)&(markShadow|markExcepted) == 0 {
			slot = i
			break
		}
		weight := -1
		if old.rule != 0 {
			weight = p.Decay(int(old.score), m.at-old.at)
		}
		if weight < least {
			slot, least = i, weight
		}
	}
	r.findings[slot] = m
}

// pass is what a passed step-up does: the findings of that context up to now lose their score, proofs and other contexts keep theirs, and
// cooldown and repeat start anew; where nothing else was found the session is not armed any more. A step-up whose client is not known clears what its network caused, but nothing that speaks against a
// client.
func (r *risk) pass(c context, now int64) {
	left := false // something that the step-up does not answer for
	for i := range r.findings {
		m := &r.findings[i]
		if m.rule == 0 || !m.context.matches(c) || m.flags&markProof != 0 || m.at > now || m.kind == rules.Client && !c.known() {
			left = left || m.rule != 0 && m.flags&(markCleared|markShadow|markExcepted) == 0
			continue
		}
		m.flags |= markCleared
	}
	if !left {
		r.armed = 0
	}
	r.demand.met(now, r.armed)
	r.forgetDemands()
	r.showAgain()
	r.pending, r.context, r.highest = 0, context{}, rules.None
}

// forgetDemands lets commands be sent anew after a passed step-up. What was asked for was done; a revoke holds until the session has ended,
// and to send it once more is a further attempt.
func (r *risk) forgetDemands() {
	for a := range r.commands {
		if c := &r.commands[a]; rules.Action(a) >= rules.RevokeSession {
			c.at = 0
		} else {
			*c = issued{}
		}
	}
}

// spokenOf says whether something was found of a client, whatever its network.
func (r *risk) spokenOf(c context) bool {
	for i := range r.findings {
		where := r.findings[i].context
		where.network = c.network
		if r.findings[i].rule != 0 && where.matches(c) {
			return true
		}
	}
	return false
}

// add takes the findings and commands of another session over: that of which this one is the renewal.
func (r *risk) add(p *rules.Policy, old *risk) {
	for _, m := range old.findings {
		if m.rule != 0 {
			r.put(p, m)
		}
	}
	for a := range r.commands {
		if old.commands[a].at > r.commands[a].at {
			r.commands[a] = old.commands[a]
		}
	}
	for i := range old.apart {
		if old.apart[i].last != 0 {
			r.setApart(&old.apart[i])
		}
	}
	for i := range r.sent {
		if r.sent[i].at == 0 {
			r.sent[i] = old.sent[i]
		}
	}
	if old.demand.until > r.demand.until {
		r.demand = old.demand
	}
	if old.thiefAt > r.thiefAt {
		r.thiefAt, r.thief = old.thiefAt, old.thief
	}
	if old.held > r.held {
		r.held, r.answered = old.held, old.answered
	}
	r.armed, r.trusted, r.revoked = max(r.armed, old.armed), max(r.trusted, old.trusted), max(r.revoked, old.revoked)
	r.crowded |= old.crowded
}

// restart lets commands be sent again, as a further attempt, and findings be shown again.
func (r *risk) restart() {
	for a := range r.commands {
		r.commands[a].at = 0
	}
	r.showAgain()
}

func (r *risk) showAgain() {
	for i := range r.findings {
		r.findings[i].flags |= markShown
	}
}
