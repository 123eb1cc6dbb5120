package bank

// Score compares what a detector answered with the truth. It is the one place where detections and false alarms are counted: the
// demo and replay --labels use it. Feed it every event before the answers to it; it is not safe for concurrent use.
//
// An attack begins with the first of the thief's requests that the app accepts. It is answered (detected) when an enforced
// require_reauth or harder falls on its session at or after that moment, or an arm before the first sensitive action that the
// thief asks for (an arm on that very request counts: the app waits for it). A thief whom the app refuses from the start takes
// nothing: he is no attack, and an answer to him is no false alarm. An attack that the end of the run cut off within 30 s of event
// time of its first request, unanswered, had no chance and counts as not started.
//
// An answer to a session before its theft, or to one that was never stolen, is a false alarm when it is require_reauth or harder; a
// session has one at most of each. Where the customer is being robbed in another session of hers at that time, it is
// neither: it is counted apart.
//
// Sessions are forgotten when they were silent for a day or two of event time, so that months need no more memory than days.
type Score struct {
	events, sessions int // sessions: all logins, honest and stolen
	stolenSessions   int // of the honest logins, those that a thief used later; and the thieves' own logins
	attacks          map[string]*outcome
	order            []*outcome // as they began
	users            map[string]*robbery
	seen             recent[scoredSession]
	honest           honestScore
	lastMS           int64
}

// scoredSession is what is known of a session under all the ids that it had.
type scoredSession struct {
	stolen       *outcome // by the last thief whose request was accepted
	visitedMS    int64    // when a thief first showed it, refused or not; 0: never
	begun        bool     // its login was seen
	causes       Cause    // that its labels name
	armedUntilMS int64    // an honest session: until then it asks before a sensitive action
	sensitiveMS  int64    // its last sensitive request; 0: none

	stepUp, armedAsk, revoke bool // counted
}

// robbery is the time in which a customer is attacked.
type robbery struct{ fromMS, untilMS int64 }

// outcome is one attack as far as it went. Times are 0 for what did not come.
type outcome struct {
	kind        string
	firstMS     int64
	requestsMS  []int64
	sensitiveMS int64 // first sensitive request
	takenMS     int64 // first sensitive action done
	armedMS     int64 // first arm in time
	stepUpMS    int64 // first require_reauth
	revokedMS   int64 // first revoke
}

// Answer is a decision as far as Score looks at it. Action and Mode are in the words of session.decisions.
type Answer struct {
	SessionID, UserID string
	Action, Mode      string
	Rule              string // the leading one; "" when none fired
	TimeMS            int64  // of the event that was decided on
}

const (
	// chanceMS is how long an attack must have gone on to count as missed when the run ends.
	chanceMS = 30_000
	// maxRequests bounds what is kept of one attack.
	maxRequests = 256
	// aftermathMS is how long after the thief's last request the customer's other sessions count as those of somebody robbed.
	aftermathMS = hourMS
)

// NewScore makes an empty score.
func NewScore() *Score {
	return &Score{attacks: map[string]*outcome{}, users: map[string]*robbery{}, seen: newRecent[scoredSession](), honest: newHonestScore()}
}

// Event counts one published event. It does not look at the event itself.
func (s *Score) Event(p *Published) {
	s.events++
	s.lastMS = max(s.lastMS, p.TimeMS)
	s.seen.at(p.TimeMS)
	l := &p.Label
	if l.Begins {
		s.sessions++
	}
	if l.Lineage == "" {
		return
	}
	session := s.session(l)
	if l.Begins {
		session.begun = true
	}
	if l.Actor == Honest {
		s.customerDid(session, l, p.TimeMS)
		return
	}
	if session.visitedMS == 0 {
		session.visitedMS = p.TimeMS
	}
	if !l.Refused {
		s.thiefDid(session, p)
	}
}

func (s *Score) session(l *Label) *scoredSession {
	session := s.seen.get(l.Lineage)
	if l.SessionID != l.Lineage && l.SessionID != "" {
		s.seen.put(l.SessionID, session)
	}
	return session
}

func (s *Score) customerDid(session *scoredSession, l *Label, atMS int64) {
	session.causes |= l.Cause
	if !l.Sensitive {
		return
	}
	session.sensitiveMS = atMS
	if atMS <= session.armedUntilMS {
		s.honest.askArmed(session)
	}
}

func (s *Score) thiefDid(session *scoredSession, p *Published) {
	l := &p.Label
	a := s.attacks[l.AttackID]
	if a == nil {
		a = &outcome{kind: l.Attack, firstMS: p.TimeMS}
		s.attacks[l.AttackID] = a
		s.order = append(s.order, a)
	}
	if session.stolen == nil && session.begun {
		s.stolenSessions++
	}
	session.stolen = a // a planted session has many thieves, one after the other
	a.did(l, p.TimeMS)
	if p.Key == "" {
		return
	}
	if s.users[p.Key] == nil {
		s.users[p.Key] = &robbery{fromMS: p.TimeMS}
	}
	s.users[p.Key].untilMS = p.TimeMS + aftermathMS
}

func (a *outcome) did(l *Label, atMS int64) {
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
	revoke := d.Action == "revoke_session" || d.Action == "revoke_user_sessions"
	if d.Mode != "enforce" || !revoke && d.Action != "arm" && d.Action != "require_reauth" {
		return
	}
	session := s.seen.get(d.SessionID)
	switch {
	case session.stolen != nil && d.TimeMS >= session.stolen.firstMS:
		session.stolen.answer(d.Action, d.TimeMS)
	case session.visitedMS != 0 && d.TimeMS >= session.visitedMS:
	case s.robbed(d.UserID, d.TimeMS):
		s.honest.ofRobbed(session, d.Action)
	default:
		s.honest.answer(session, &d)
	}
}

func (s *Score) robbed(user string, atMS int64) bool {
	r := s.users[user]
	return r != nil && atMS >= r.fromMS && atMS <= r.untilMS
}

func (a *outcome) answer(action string, atMS int64) {
	first := &a.revokedMS
	switch action {
	case "arm":
		if a.sensitiveMS != 0 && atMS > a.sensitiveMS {
			return // the money is on its way
		}
		first = &a.armedMS
	case "require_reauth":
		first = &a.stepUpMS
	}
	if *first == 0 || atMS < *first {
		*first = atMS
	}
}

// answeredMS is when the attack was first answered, 0 if it was not.
func (a *outcome) answeredMS() int64 {
	var first int64
	for _, at := range []int64{a.armedMS, a.stepUpMS, a.revokedMS} {
		if at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first
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
