package bank

import "cmp"

// honestScore counts what honest sessions were asked.
type honestScore struct {
	stepUps   int // sessions answered require_reauth
	revokes   int // or harder
	alarmed   int // one or the other
	armedAsks int // armed, then asked before a sensitive action
	asked     int // require_reauth, or armed and asked

	groups        map[string]*bearing
	rules, causes map[string]*Alarms
	robbed        Alarms // other sessions of customers who were being robbed
}

// Alarms counts false alarms: sessions by what they were asked.
type Alarms struct {
	Name    string `json:"-"`
	StepUps int    `json:"step_ups"` // require_reauth
	Revokes int    `json:"revokes"`
}

func newHonestScore() honestScore {
	return honestScore{groups: map[string]*bearing{}, rules: map[string]*Alarms{}, causes: map[string]*Alarms{}}
}

// answer counts an enforced arm, require_reauth or revoke.
func (h *honestScore) answer(s *scoredSession, d *Answer) {
	switch d.Action {
	case "arm":
		s.armedUntilMS = d.TimeMS + armedForMS
		if s.sensitiveMS == d.TimeMS {
			h.askArmed(s)
		}
	case "require_reauth":
		if !s.stepUp {
			h.count(s, d, func(a *Alarms) { a.StepUps++ })
			h.stepUps++
			h.of(s).stepUps++
			h.of(s).people[d.UserID] = true
			h.ask(s)
			s.stepUp = true
		}
	default:
		if !s.revoke {
			h.count(s, d, func(a *Alarms) { a.Revokes++ })
			h.revokes++
			h.of(s).revokes++
			s.revoke = true
		}
	}
}

// askArmed counts a session that was armed and then asked for a sensitive action: the app wants a step-up before it.
func (h *honestScore) askArmed(s *scoredSession) {
	if s.armedAsk {
		return
	}
	h.armedAsks++
	h.ask(s)
	s.armedAsk = true
}

func (h *honestScore) ask(s *scoredSession) {
	if !s.stepUp && !s.armedAsk {
		h.asked++
		h.of(s).asked++
	}
}

// ofRobbed counts an answer to another session of a customer who is being robbed.
func (h *honestScore) ofRobbed(s *scoredSession, action string) {
	switch {
	case action == "require_reauth" && !s.stepUp:
		h.robbed.StepUps++
		s.stepUp = true
	case action != "arm" && action != "require_reauth" && !s.revoke:
		h.robbed.Revokes++
		s.revoke = true
	}
}

func (h *honestScore) count(s *scoredSession, d *Answer, add func(*Alarms)) {
	if !s.stepUp && !s.revoke {
		h.alarmed++
	}
	add(named(h.rules, cmp.Or(d.Rule, noRule)))
	for _, name := range s.causes.Names() {
		add(named(h.causes, name))
	}
	if s.causes == 0 {
		add(named(h.causes, "no cause"))
	}
}

func named(list map[string]*Alarms, name string) *Alarms {
	if list[name] == nil {
		list[name] = &Alarms{Name: name}
	}
	return list[name]
}
