package bank

// Tally is the score of one kind of attack.
type Tally struct {
	Attack       string `json:"attack"` // the kind; "all" for all together
	Attacks      int    `json:"attacks"`
	Detected     int    `json:"detected"` // answered, see Score
	Missed       int    `json:"missed"`
	BeforeAction int    `json:"before_money_moved"` // answered before the thief's first sensitive action was done

	// The hardest answer of each attack that was answered.
	Armed   int `json:"armed"`
	StepUps int `json:"step_ups"`
	Revokes int `json:"revokes"`
	Named   int `json:"named,omitempty"` // session ids were guessed, and the network was named

	// Recall is Detected of Attacks, with its 95 % interval (Wilson).
	Recall     float64 `json:"recall"`
	RecallLow  float64 `json:"recall_low"`
	RecallHigh float64 `json:"recall_high"`

	// The thief's requests up to and with the one that the first answer followed, over the detected.
	MeanRequests float64 `json:"requests_mean"` // 0 when there is none
	RequestsP50  int     `json:"requests_p50"`
	RequestsP90  int     `json:"requests_p90"`
	ByThird      int     `json:"by_third_request"` // attacks answered by the thief's third request

	// Rules says how many of the detected each rule was the first to answer, as the leading one.
	Rules map[string]int `json:"rules,omitempty"`

	// Blind is what would show the kind, where the shipped rules cannot see it with the fields at hand; "" for others.
	Blind string `json:"blind,omitempty"`

	requests []int
}

// The names of the tallies that add kinds up: all of them, and those that are not blind.
const (
	All     = "all"
	Visible = "all that can be seen"
)

// count adds an attack.
func (t *Tally) count(a *outcome) {
	t.Attacks++
	at := a.answeredMS()
	if at == 0 {
		t.Missed++
		return
	}
	t.Detected++
	if t.Rules == nil {
		t.Rules = map[string]int{}
	}
	t.Rules[a.rule]++
	n := a.requestsUntil(at)
	t.requests = append(t.requests, n)
	if n <= 3 {
		t.ByThird++
	}
	if a.takenMS == 0 || at < a.takenMS {
		t.BeforeAction++
	}
	switch {
	case a.namedMS != 0:
		t.Named++
	case a.revokedMS != 0:
		t.Revokes++
	case a.stepUpMS != 0:
		t.StepUps++
	default:
		t.Armed++
	}
}

// finish works out what is made of the counts.
func (t *Tally) finish() {
	t.RecallLow, t.RecallHigh = wilson(t.Detected, t.Attacks)
	if t.Detected == 0 {
		return
	}
	t.Recall = float64(t.Detected) / float64(t.Attacks)
	sum := 0
	for _, n := range t.requests {
		sum += n
	}
	t.MeanRequests = float64(sum) / float64(t.Detected)
	t.RequestsP50, t.RequestsP90 = quantile(t.requests, 0.5), quantile(t.requests, 0.9)
}

// Tallies are the scores by kind, without kinds that did not occur: those of this package in the order of AttackKinds, then others as
// they came.
func (s *Score) Tallies() []Tally {
	by := map[string]*Tally{}
	var order []string
	for _, k := range allKinds() {
		order = append(order, k.String())
	}
	for _, a := range s.order {
		if a.answeredMS() == 0 && s.lastMS-a.firstMS < chanceMS {
			continue
		}
		if by[a.kind] == nil {
			known := attackNamed(a.kind)
			by[a.kind] = &Tally{Attack: a.kind, Blind: known.Blind()}
			if known == NoAttack {
				order = append(order, a.kind)
			}
		}
		by[a.kind].count(a)
	}
	list := make([]Tally, 0, len(by))
	for _, name := range order {
		if t := by[name]; t != nil {
			t.finish()
			list = append(list, *t)
		}
	}
	return list
}

// together adds the tallies of kinds up, under a name of their sum.
func together(name string, list []Tally) Tally {
	all := Tally{Attack: name}
	for i := range list {
		t := &list[i]
		if name == Visible && t.Blind != "" {
			continue
		}
		all.Attacks += t.Attacks
		all.Detected += t.Detected
		all.Missed += t.Missed
		all.BeforeAction += t.BeforeAction
		all.Armed += t.Armed
		all.Named += t.Named
		all.StepUps += t.StepUps
		all.Revokes += t.Revokes
		all.ByThird += t.ByThird
		all.requests = append(all.requests, t.requests...)
	}
	all.finish()
	return all
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
	all := together(All, s.Tallies())
	return Summary{Events: s.events, Sessions: s.sessions, Attacks: all.Attacks, Detected: all.Detected, Missed: all.Missed, FalseAlarms: s.honest.alarmed}
}
