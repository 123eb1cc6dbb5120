package rules

// Source is one file: its name as it appears in diagnostics, and its text. A name that ends in _test.yaml is a file of
// tests; List marks a file that a list names.
type Source struct {
	Name string
	Text []byte
	List bool
}

// Set is a compiled rules file (with the files that it names). It is immutable and safe for concurrent use.
type Set struct {
	Revision string // `revision:`, as written
	Hash     string // "sha256:" and the hex digest of the sources, lists included
	Rules    []*Rule
	Segments []string // names; index 0 is "default"
	Policy   Policy
	Sources  []Source // what it was compiled from, so that a snapshot can carry it
	Tests    []TestCase

	segments   []segment
	exempt     []exemption
	byDetector [][]*Rule
	byEvent    [][]*Rule
}

// ByDetector gives the rules (mode not off in at least one segment) that judge a detector's signal.
func (s *Set) ByDetector(detector int) []*Rule { return s.byDetector[detector] }

// ByEvent gives the rules without a detector that look at an event type, by its index in Language.EventTypes.
func (s *Set) ByEvent(eventType int) []*Rule { return s.byEvent[eventType] }

// Segment gives the index of the first segment whose condition holds, 0 for none.
func (s *Set) Segment(f Facts) int {
	for i := range s.segments {
		if s.segments[i].when.Eval(f) == True {
			return s.segments[i].index
		}
	}
	return 0
}

// Exempt says whether rules.yaml keeps the event out of all evaluation, and why. atMS decides about `expires`.
func (s *Set) Exempt(f Facts, segment int, atMS int64) (reason string, exempt bool) {
	for i := range s.exempt {
		x := &s.exempt[i]
		if x.expiresMS != 0 && atMS >= x.expiresMS || x.segment >= 0 && x.segment != segment {
			continue
		}
		if x.when == nil || x.when.Eval(f) == True {
			return x.reason, true
		}
	}
	return "", false
}

// Rule is a compiled rule.
type Rule struct {
	Index                      int // in Set.Rules; also the tie-break among equal scores is by ID, not by this
	ID, Title, Owner, Severity string
	Evidence                   Kind
	Proof                      bool
	Reaches                    Action // the highest rung it may raise to: RevokeUserSessions unless `reaches:` or its kind says less
	Detector                   int    // index in Language.Detectors, -1: none
	Brake                      Brake  // of this rule's own answers; Count 0: none
	When                       *Condition
	References                 []string

	on         []bool    // by event type; nil: all
	variants   []Variant // by segment index
	exceptions []exception
	rollout    int // percent, 100 without `rollout:`
}

// In gives the rule as it stands for a segment, after its overrides.
func (r *Rule) In(segment int) *Variant { return &r.variants[segment] }

// Covers says whether the rollout includes a user (by id; "" counts as the empty id): sticky and monotone, a hash of rule id and user id.
func (r *Rule) Covers(userID string) bool {
	if r.rollout >= 100 {
		return true
	}
	h := uint64(14695981039346656037) // FNV-1a, written out: a library's hash may change, a rollout must not
	for _, part := range [...]string{r.ID, "\x00", userID} {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 1099511628211
		}
	}
	h ^= h >> 33 // its high bits mix badly for short ids (the finalizer of MurmurHash3)
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return int(h%100) < r.rollout
}

// LooksAt says whether a rule judges events of a type, by its index in Language.EventTypes: all of them without `on:`.
func (r *Rule) LooksAt(eventType int) bool { return r.on == nil || r.on[eventType] }

// Excepted gives the id of the first exception that silences a finding, "" for none. atMS decides about `expires`.
func (r *Rule) Excepted(f Facts, atMS int64) string {
	for i := range r.exceptions {
		x := &r.exceptions[i]
		if (x.expiresMS == 0 || atMS < x.expiresMS) && x.when.Eval(f) == True {
			return x.id
		}
	}
	return ""
}

// Variant is what overrides can change.
type Variant struct {
	Mode       Mode
	Score      int
	CooldownMS int64
	Params     Params
}

// exception is one entry of `except:`.
type exception struct {
	id        string
	when      *Condition
	expiresMS int64 // 0: never
}
