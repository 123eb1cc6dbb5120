package bank

// Score compares what a detector answered with the truth. Feed it every event before the answers to it; it is not safe
// for concurrent use.
//
// An attack begins with the first of the thief's requests that the app accepts. It is detected when an enforced answer
// of require_reauth or harder falls on its session at or after that moment, or an arm before the first sensitive action
// that the thief asks for (an arm on that very request counts: the app waits for it). An answer to a session before
// its theft, or to one that was never stolen, is a false alarm when it is require_reauth or harder; a session has one
// at most. A thief whom the app refuses from the start takes nothing: he is no attack, and an answer to him is no false
// alarm. An attack that the end of the run cut off within 30 s of event time of its first request, undetected, had no
// chance and counts as not started.
type Score struct {
	events, sessions int
	attacks          map[string]*outcome // by attack id
	order            []*outcome          // as they began
	stolen           map[string]*outcome // by lineage
	visitedMS        map[string]int64    // by lineage: when a thief first showed it, refused or not
	lineages         map[string]string   // of rotated ids
	alarmed          map[string]bool     // lineages of false alarms
	revoked          map[string]bool     // of those: revoke_session or harder
	lastMS           int64
}

// outcome is one attack as far as it went.
type outcome struct {
	kind        AttackKind
	firstMS     int64
	requestsMS  []int64
	sensitiveMS int64 // first sensitive request; 0: none
	takenMS     int64 // first sensitive action done; 0: none
	armedMS     int64 // first arm in time; 0: none
	answeredMS  int64 // first require_reauth or harder; 0: none
}

// Answer is a decision as far as Score looks at it. Action and Mode are in the words of session.decisions.
type Answer struct {
	SessionID    string
	Action, Mode string
	TimeMS       int64 // of the event that was decided on
}

// chanceMS is how long an attack must have gone on to count as missed when the run ends.
const chanceMS = 30_000

// maxRequests bounds what is kept of one attack.
const maxRequests = 256

// NewScore makes an empty score.
func NewScore() *Score {
	return &Score{attacks: map[string]*outcome{}, stolen: map[string]*outcome{}, visitedMS: map[string]int64{}, lineages: map[string]string{}, alarmed: map[string]bool{}, revoked: map[string]bool{}}
}

// Event counts one published event.
func (s *Score) Event(p *Published) {
	s.events++
	s.lastMS = max(s.lastMS, p.TimeMS)
	l := &p.Label
	if l.Begins {
		s.sessions++
	}
	if l.SessionID != l.Lineage {
		s.lineages[l.SessionID] = l.Lineage
	}
	if l.Actor != Thief {
		return
	}
	if _, visited := s.visitedMS[l.Lineage]; !visited {
		s.visitedMS[l.Lineage] = p.TimeMS
	}
	if !l.Refused {
		s.thiefDid(l, p.TimeMS)
	}
}

func (s *Score) thiefDid(l *Label, atMS int64) {
	a := s.attacks[l.AttackID]
	if a == nil {
		a = &outcome{kind: l.Attack, firstMS: atMS}
		s.attacks[l.AttackID], s.stolen[l.Lineage] = a, a
		s.order = append(s.order, a)
	}
	if l.Request && len(a.requestsMS) < maxRequests {
		a.requestsMS = append(a.requestsMS, atMS)
	}
	if l.Sensitive && a.sensitiveMS == 0 {
		a.sensitiveMS = atMS
	}
	if l.Completed && a.takenMS == 0 {
		a.takenMS = atMS
	}
}

// Answer counts one decision. Shadow decisions and those that ask nothing of the customer count for nothing.
func (s *Score) Answer(d Answer) {
	hard := d.Action == "require_reauth" || d.Action == "revoke_session" || d.Action == "revoke_user_sessions"
	if d.Mode != "enforce" || !hard && d.Action != "arm" {
		return
	}
	lineage := d.SessionID
	if first, rotated := s.lineages[lineage]; rotated {
		lineage = first
	}
	a := s.stolen[lineage]
	visitedMS, visited := s.visitedMS[lineage]
	switch {
	case a != nil && d.TimeMS >= a.firstMS:
		a.answer(hard, d.TimeMS)
	case visited && d.TimeMS >= visitedMS:
	case hard:
		s.alarmed[lineage] = true
		if d.Action != "require_reauth" {
			s.revoked[lineage] = true
		}
	}
}

func (a *outcome) answer(hard bool, atMS int64) {
	earlier := func(t *int64) {
		if *t == 0 || atMS < *t {
			*t = atMS
		}
	}
	if hard {
		earlier(&a.answeredMS)
	} else if a.sensitiveMS == 0 || atMS <= a.sensitiveMS {
		earlier(&a.armedMS)
	}
}

// detectedMS is when the attack was detected, 0 if it was not.
func (a *outcome) detectedMS() int64 {
	if a.answeredMS == 0 || a.armedMS != 0 && a.armedMS < a.answeredMS {
		return a.armedMS
	}
	return a.answeredMS
}

func (a *outcome) requestsUntil(atMS int64) int {
	n := 0
	for _, t := range a.requestsMS {
		if t <= atMS {
			n++
		}
	}
	return n
}

// Tally is the score of one kind of attack.
type Tally struct {
	Kind         AttackKind
	Attacks      int
	Detected     int
	Missed       int
	BeforeAction int     // detected before the thief's first sensitive action was done
	MeanRequests float64 // of the thief until detection, over the detected; 0 when there is none
}

// Tallies are the scores by kind, in the order of AttackKinds, without kinds that did not occur.
func (s *Score) Tallies() []Tally {
	var by [NumAttackKinds]Tally
	var requests [NumAttackKinds]int
	for _, a := range s.order {
		t, at := &by[a.kind], a.detectedMS()
		if at == 0 && s.lastMS-a.firstMS < chanceMS {
			continue
		}
		t.Attacks++
		if at == 0 {
			t.Missed++
			continue
		}
		t.Detected++
		requests[a.kind] += a.requestsUntil(at)
		if a.takenMS == 0 || at < a.takenMS {
			t.BeforeAction++
		}
	}
	var list []Tally
	for _, k := range AttackKinds() {
		if by[k].Attacks == 0 {
			continue
		}
		by[k].Kind = k
		if by[k].Detected > 0 {
			by[k].MeanRequests = float64(requests[k]) / float64(by[k].Detected)
		}
		list = append(list, by[k])
	}
	return list
}

// Summary is the last line of the demo in ndjson, under "summary".
type Summary struct {
	Events      int `json:"events"`
	Sessions    int `json:"sessions"` // honest ones and stolen ones
	Attacks     int `json:"attacks"`
	Detected    int `json:"detected"`
	Missed      int `json:"missed"`
	FalseAlarms int `json:"false_alarms"` // honest sessions answered require_reauth or harder
}

// Summary is the score so far.
func (s *Score) Summary() Summary {
	sum := Summary{Events: s.events, Sessions: s.sessions, FalseAlarms: len(s.alarmed)}
	for _, t := range s.Tallies() {
		sum.Attacks += t.Attacks
		sum.Detected += t.Detected
		sum.Missed += t.Missed
	}
	return sum
}
