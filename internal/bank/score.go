package bank

import (
	"slices"
	"time"
)

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
	// After is how much event time passes before an honest session counts: one that begins earlier counts for nothing, because the detector
	// is still learning what is normal. Attacks always count. Set it before the first event.
	After time.Duration

	fromMS           int64 // After, from the first event on
	events, sessions int   // sessions: all logins, honest and stolen
	earlySessions    int   // logins before fromMS
	stolenSessions   int   // of the later honest logins, those that a thief used; and the thieves' own logins
	fleets           map[string]*fleetScore
	fleetOrder       []*fleetScore
	named            map[string]bool // networks that were named as guessing, and whether a thief was there
	attacks          map[string]*outcome
	order            []*outcome // as they began
	users            map[string]*robbery
	seen             recent[scoredSession]
	honest           honestScore
	lastMS           int64
}

// scoredSession is what is known of a session under all the ids that it had.
type scoredSession struct {
	seen, early  bool     // its first event, and that it came before sessions count
	group        string   // of its customer
	beside       string   // the campaign whose exit it used too, "" for none
	stolen       *outcome // by the last thief whose request was accepted
	visitedMS    int64    // when a thief first showed it, refused or not; 0: never
	begun        bool     // its login was seen
	causes       Cause    // that its labels name
	armedUntilMS int64    // an honest session: until then it asks before a sensitive action
	sensitiveMS  int64    // its last sensitive request; 0: none
	lastMS       int64    // of its events

	stepUp, armedAsk, revoke bool // counted
}

// robbery is the time in which a customer is attacked.
type robbery struct{ fromMS, untilMS int64 }

// Answer is a decision as far as Score looks at it. Action and Mode are in the words of session.decisions.
type Answer struct {
	SessionID, UserID string
	Action, Mode      string
	Rule              string // the leading one; "" when none fired
	Network           string // of an event without a session, on which a rule fired: the network that it names
	TimeMS            int64  // of the event that was decided on
	// Prompt says that the answer is given right after its event. Then a publisher whose clock is slow, or an event that came
	// late, does not make it an answer to what happened before.
	Prompt bool
}

// noRule stands for the rule of an answer on which none fired: it is the score that stood already.
const noRule = "no rule"

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
	return &Score{attacks: map[string]*outcome{}, users: map[string]*robbery{}, seen: newRecent[scoredSession](), honest: newHonestScore(),
		fleets: map[string]*fleetScore{}, named: map[string]bool{}}
}

// Event counts one published event. It does not look at the event itself.
func (s *Score) Event(p *Published) {
	if s.events == 0 {
		s.fromMS = p.TimeMS + s.After.Milliseconds()
	}
	s.events++
	s.lastMS = max(s.lastMS, p.TimeMS)
	s.seen.at(p.TimeMS)
	l := &p.Label
	if l.Begins {
		s.sessions++
	}
	if l.Lineage == "" {
		s.outOfSession(p)
		return
	}
	session := s.session(p)
	session.lastMS = max(session.lastMS, p.TimeMS)
	if l.Begins {
		s.begins(session)
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

func (s *Score) session(p *Published) *scoredSession {
	l := &p.Label
	session := s.seen.get(l.Lineage)
	if !session.seen {
		session.seen, session.early, session.group = true, p.TimeMS < s.fromMS, l.Group
	}
	if l.SessionID != l.Lineage && l.SessionID != "" {
		s.seen.put(l.SessionID, session)
	}
	return session
}

// outOfSession is a login before fromMS that nobody can follow, or a guess.
func (s *Score) outOfSession(p *Published) {
	if p.Label.Begins && p.TimeMS < s.fromMS {
		s.earlySessions++
	}
	if p.Label.Actor == Thief && p.Label.Network != "" {
		a := s.attack(p)
		a.did(&p.Label, p.TimeMS)
		if !slices.Contains(a.networks, p.Label.Network) {
			a.networks = append(a.networks, p.Label.Network)
		}
	}
}

func (s *Score) begins(session *scoredSession) {
	session.begun = true
	if session.early {
		s.earlySessions++
	} else {
		s.honest.of(session).sessions++
	}
}

func (s *Score) customerDid(session *scoredSession, l *Label, atMS int64) {
	session.causes |= l.Cause
	s.wasBeside(session, l.Beside)
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
	a := s.attack(p)
	if session.stolen == nil && session.begun && !session.early {
		s.stolenSessions++
		s.honest.of(session).sessions--
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

// attack is the attack to which a thief's event belongs.
func (s *Score) attack(p *Published) *outcome {
	l := &p.Label
	a := s.attacks[l.AttackID]
	if a == nil {
		a = &outcome{kind: l.Attack, group: l.Group, firstMS: p.TimeMS}
		s.attacks[l.AttackID] = a
		s.order = append(s.order, a)
		if l.Campaign != "" {
			f := s.fleet(l.Campaign)
			f.kind = l.Attack
			f.thefts = append(f.thefts, a)
		}
	}
	return a
}

// Answer counts one decision. Shadow decisions and those that ask nothing of the customer count for nothing.
func (s *Score) Answer(d Answer) {
	if d.Network != "" && d.Rule != "" && d.Mode == "enforce" {
		s.Named(d.Network, d.Rule, d.TimeMS)
	}
	revoke := d.Action == "revoke_session" || d.Action == "revoke_user_sessions"
	if d.Mode != "enforce" || !revoke && d.Action != "arm" && d.Action != "require_reauth" {
		return
	}
	session := s.seen.get(d.SessionID)
	if d.Prompt {
		d.TimeMS = max(d.TimeMS, session.lastMS)
	}
	switch {
	case session.stolen != nil && d.TimeMS >= session.stolen.firstMS:
		session.stolen.answer(&d)
	case session.visitedMS != 0 && d.TimeMS >= session.visitedMS:
	case s.robbed(d.UserID, d.TimeMS):
		s.honest.ofRobbed(session, d.Action)
	case session.early || !session.seen && d.TimeMS < s.fromMS:
	default:
		was := *session
		s.honest.answer(session, &d)
		s.bystanderWasAsked(&was, session)
	}
}

func (s *Score) robbed(user string, atMS int64) bool {
	r := s.users[user]
	return r != nil && atMS >= r.fromMS && atMS <= r.untilMS
}
