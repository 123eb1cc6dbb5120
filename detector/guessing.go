package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of session_id_guessing.
const (
	guessPerMinute = iota
)

var sessionIDGuessing = detectorSpec{
	Detector: rules.Detector{
		Name: "session_id_guessing",
		Doc:  "Many session ids that the app never issued are shown from one network: somebody guesses, or tries ids that he collected.",
		Params: []rules.Param{
			{Name: "per_minute", Default: 20, Min: 1, Max: 10_000, Doc: "more than so many unknown ids in a minute (OWASP Session Management; AppSensor AE3)"},
		},
		Needs: []string{"session.unknown_id"},
		Facts: []rules.Field{
			{Name: "network", Type: rules.String, Doc: "the network, as a prefix to block"},
			{Name: "unknown_ids", Type: rules.Integer, Doc: "ids shown in the last minute that the app never issued"},
			{Name: "window_s", Type: rules.Integer, Unit: "s", Doc: "the time in which they were counted"},
		},
	},
	wakes:   guessed,
	sees:    seesFirst | seesRefused,
	judge:   judgeGuessing,
	missing: alwaysEvaluable,
	explain: explainGuessing,
	tells: func(o *observation, to *Observation) {
		to.Network, to.Count, to.WindowS = o.guessing.network, Whole{int64(o.guessing.count), true}, Whole{guessWindowS, true}
	},
	hears: func(o *observation, from *Observation) { o.guessing = guessing{from.Network, uint32(from.Count.V)} },
}

// guessing is how many unknown ids were shown from a network.
type guessing struct {
	network string
	count   uint32
}

const (
	guessWindowS = 60
	guessBucketS = 5
)

// guesses60 counts in a sliding minute.
type guesses60 struct {
	buckets [guessWindowS / guessBucketS]uint16
	newest  int64 // the number of the newest bucket since 1970
}

func (c *guesses60) add(ms int64) (count uint32) {
	bucket := ms / 1000 / guessBucketS
	if bucket > c.newest {
		for i := max(c.newest+1, bucket-int64(len(c.buckets))+1); i <= bucket; i++ {
			c.buckets[i%int64(len(c.buckets))] = 0
		}
		c.newest = bucket
	}
	if n := &c.buckets[bucket%int64(len(c.buckets))]; c.newest-bucket < int64(len(c.buckets)) && *n < 1<<16-1 {
		*n++
	}
	for _, n := range c.buckets {
		count += uint32(n)
	}
	return count
}

func judgeGuessing(_ *Engine, o *observation, p *rules.Params) verdict {
	o.guessing = guessing{network: networkOf(o.e.Client.IP).String(), count: o.node.guesses.add(o.now)}
	if int64(o.guessing.count) > int64(p.Num(guessPerMinute)) {
		return fires
	}
	return silent
}

func explainGuessing(_ *Engine, o *observation, p *rules.Params) explanation {
	return explanation{reason: fmt.Sprintf("%d session ids that were never issued were shown from %s within a minute", o.guessing.count, o.guessing.network),
		facts: []Fact{
			{Name: "network", Text: o.guessing.network},
			{Name: "unknown_ids", Kind: FactInt, Int: int64(o.guessing.count)},
			{Name: "window_s", Kind: FactInt, Int: guessWindowS},
		}, nearest: []Fact{bound("unknown_ids", "<=", int64(p.Num(guessPerMinute)))}}
}
