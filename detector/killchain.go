package detector

import (
	"fmt"
	"strconv"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of hijack_kill_chain.
const (
	killWindow = iota
	killKinds
	killMinAmount
	killPercentile
	killMinTransfers
)

// killKindWords are the kinds of action that need no amount.
var killKindWords = []string{"payee", "limit", "contact", "factor", "export"}

var hijackKillChain = detectorSpec{
	Detector: rules.Detector{
		Name: "hijack_kill_chain",
		Doc:  "What a thief does with a session: on one that stands, or lately stood, at arm or above, money is to be moved or the way to it opened. It asks before the action is done.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 30 * 60_000, Min: 1000, Max: 24 * 3600_000, Doc: "how long after the session stood at arm or above (a proposal: two half-lives of its score)"},
			{Name: "kinds", Kind: rules.WordSet, Words: killKindWords, Doc: "the kinds of action that always count (PSD2 RTS Art. 2(2), MITRE ATT&CK T1657)"},
			{Name: "min_amount", Default: 500, Min: 0, Max: 1e12, Doc: "a transfer counts from this amount, in whatever currency it has: a bank with several writes one rule for each, with `when: action.currency == \"SEK\"`"},
			{Name: "percentile", Default: 95, Min: 1, Max: 100, Doc: "or from this percentile of the user's own last transfers in the same currency, where that is higher"},
			{Name: "min_transfers", Default: 20, Min: 1, Max: 32, Doc: "which needs at least this many of them; the last 32 are kept"},
		},
		Needs: []string{"action.requested"},
		Facts: []rules.Field{
			{Name: "action_kind", Type: rules.String, Enum: ActionKinds, Doc: "what is to be done"},
			{Name: "amount", Type: rules.Number, Doc: "of a transfer"},
			{Name: "from_amount", Type: rules.Number, Doc: "the amount from which a transfer counts: min_amount or the user's percentile"},
			{Name: "since_arm_s", Type: rules.Integer, Unit: "s", Doc: "time since the session stood at arm or above; 0: it does"},
			{Name: "after", Type: rules.String, Doc: "the rule that weighed most then"},
		},
	},
	wakes:   acting,
	sees:    seesFirst,
	judge:   judgeKillChain,
	missing: missingKillChain,
	explain: explainKillChain,
	follows: true,
}

func judgeKillChain(g *Engine, o *observation, p *rules.Params) verdict {
	e := o.e
	switch {
	case e.Type != ActionRequested:
		return silent
	case missingKillChain(g, o) != "":
		return notEvaluable
	case e.Action.Kind == ActionTransfer:
		if o.chain.limit = g.sensitiveFrom(o, p); e.Action.Amount.V < o.chain.limit {
			return silent
		}
	case e.Action.Kind > ActionExport || !p.Has(killKinds, int(e.Action.Kind-ActionPayee)):
		return silent
	}
	if g.follow(o, p.MS(killWindow)) {
		return fires
	}
	return silent
}

// sensitiveFrom gives the amount from which a transfer counts.
func (g *Engine) sensitiveFrom(o *observation, p *rules.Params) float64 {
	limit := p.Num(killMinAmount)
	if o.u == nil || o.u.spending == 0 {
		return limit
	}
	usual := g.spendings.at(o.u.spending).quantile(p.Num(killPercentile)/100, currencyCode(o.e.Action.Currency), int(p.Num(killMinTransfers)))
	return max(limit, usual)
}

func missingKillChain(_ *Engine, o *observation) string {
	switch a := &o.e.Action; {
	case o.e.Type != ActionRequested:
		return ""
	case a.Kind == 0:
		return "no action.kind"
	case a.Kind == ActionTransfer && !usable(a.Amount):
		return "no action.amount"
	}
	return ""
}

func explainKillChain(_ *Engine, o *observation, p *rules.Params) explanation {
	a, kind := &o.e.Action, word(ActionKinds, o.e.Action.Kind)
	facts, what := []Fact{{Name: "action_kind", Text: kind}}, "an action of kind "+kind
	nearest := []Fact{bound("since_arm_s", ">", p.MS(killWindow)/1000)}
	if a.Kind == ActionTransfer {
		what = "a transfer of " + decimal(a.Amount.V)
		facts = append(facts, Fact{Name: "amount", Kind: FactNum, Num: a.Amount.V}, Fact{Name: "from_amount", Kind: FactNum, Num: o.chain.limit})
		nearest = append(nearest, Fact{Name: "amount", Text: "< " + decimal(o.chain.limit)})
	}
	facts = append(facts, o.chain.facts()...)
	return explanation{reason: what + " " + o.chain.text(), facts: facts, nearest: nearest}
}

func (c *chain) facts() []Fact {
	return []Fact{{Name: "since_arm_s", Kind: FactInt, Int: c.sinceMS / 1000}, {Name: "after", Text: c.rule}}
}

func (c *chain) text() string {
	if c.sinceMS == 0 {
		return fmt.Sprintf("while %s stands against the session", c.rule)
	}
	return fmt.Sprintf("%s after %s stood against the session", span(c.sinceMS), c.rule)
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
