package rules

import "net/netip"

// Source is one rules file: its name as it appears in diagnostics, and its text.
type Source struct {
	Name string
	Text []byte
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

	byDetector [][]*Rule
	byEvent    [][]*Rule
}

// ByDetector gives the rules (mode not off in at least one segment) that judge a detector's signal.
func (s *Set) ByDetector(detector int) []*Rule { return s.byDetector[detector] }

// ByEvent gives the rules without a detector that look at an event type, by its index in Language.EventTypes.
func (s *Set) ByEvent(eventType int) []*Rule { return s.byEvent[eventType] }

// Segment gives the index of the first segment whose condition holds, 0 for none.
func (s *Set) Segment(f Facts) int { panic("not built") }

// Exempt says whether rules.yaml keeps the event out of all evaluation, and why. atMS decides about `expires`.
func (s *Set) Exempt(f Facts, segment int, atMS int64) (reason string, exempt bool) {
	panic("not built")
}

// Rule is a compiled rule.
type Rule struct {
	Index                      int // in Set.Rules; also the tie-break among equal scores is by ID, not by this
	ID, Title, Owner, Severity string
	Evidence                   Kind
	Proof                      bool
	Reaches                    Action // the highest rung it may raise to: RevokeUserSessions unless `reaches:` or its kind says less
	Detector                   int    // index in Language.Detectors, -1: none
	When                       *Condition
	References                 []string

	variants   []Variant // by segment index
	exceptions []exception
	rollout    int // percent, 100 without `rollout:`
}

// In gives the rule as it stands for a segment, after its overrides.
func (r *Rule) In(segment int) *Variant { return &r.variants[segment] }

// Covers says whether the rollout includes a user (by id; "" counts as the empty id): sticky and monotone, a hash of rule id and user id.
func (r *Rule) Covers(userID string) bool { panic("not built") }

// Excepted gives the id of the first exception that silences a finding, "" for none. atMS decides about `expires`.
func (r *Rule) Excepted(f Facts, atMS int64) string { panic("not built") }

// Variant is what overrides can change.
type Variant struct {
	Mode       Mode
	Score      int
	CooldownMS int64
	Params     Params
}

// Params holds a detector's parameters in the order of Detector.Params, defaults filled in.
type Params struct{ values []param }

type param struct {
	num     float64
	weights []float64
	list    *List
	words   uint64
}

// Num gives an Amount.
func (p *Params) Num(i int) float64 { return p.values[i].num }

// On gives a Toggle.
func (p *Params) On(i int) bool { return p.values[i].num != 0 }

// MS gives a Period in milliseconds.
func (p *Params) MS(i int) int64 { return int64(p.values[i].num) }

// Weight gives one weight of a Weights parameter, by its index in Param.Parts.
func (p *Params) Weight(i, part int) float64 { return p.values[i].weights[part] }

// List gives a ListRef; nil when it was not set.
func (p *Params) List(i int) *List { return p.values[i].list }

// Word gives the index of a Word.
func (p *Params) Word(i int) int { return int(p.values[i].words) }

// Has says whether a WordSet holds the word of an index.
func (p *Params) Has(i, word int) bool { return p.values[i].words>>word&1 == 1 }

// List is a compiled list. Its zero value, and nil, hold nothing.
type List struct {
	Name string
	Type ListType
}

// HasIP says whether a list of CIDRs covers an address.
func (l *List) HasIP(a netip.Addr) bool { panic("not built") }

// HasASN says whether a list of ASNs holds one.
func (l *List) HasASN(asn uint32) bool { panic("not built") }

// HasText says whether a list of texts or countries holds one.
func (l *List) HasText(s string) bool { panic("not built") }

// Tri is the answer of a condition: what compares with an absent value is Unknown, and Unknown never fires.
type Tri int8

// The answers.
const (
	False Tri = iota
	True
	Unknown
)

// Condition is a compiled `when:`. Eval does not allocate.
type Condition struct {
	text string
	eval func(Facts) Tri
	uses []int // fields that it reads
}

// Eval answers the condition for one event.
func (c *Condition) Eval(f Facts) Tri { return c.eval(f) }

// Missing gives the index of the first field that the condition reads and that is absent, -1 for none.
func (c *Condition) Missing(f Facts) int {
	for _, i := range c.uses {
		if !f.Fact(i).Present {
			return i
		}
	}
	return -1
}

// exception is one entry of `except:`.
type exception struct {
	id        string
	when      *Condition
	expiresMS int64 // 0: never
}
