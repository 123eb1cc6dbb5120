package detector

import "cmp"

// Refresh tokens across partitions. A family's showings may come under another user, another session, or without a user: then no partition sees
// all of them. So each is told, under the family: an app refreshes every few minutes of use and not with every request, which is 3 events in 1,000
// (the simulated bank). The second stage sees all of a family, in the order in which it was told, and judges with the same code what one engine
// that sees everything would judge. What the first stage found by itself goes along, and comes back only where the whole family says more.

// tellToken sends on that a refresh token was shown.
func (g *Engine) tellToken(o *observation) {
	of := cmp.Or(o.e.Token.Family, o.e.Session.ID)
	if g.cfg.Partitions == 1 || o.family == nil || of == "" {
		return
	}
	t := g.tell(o, "tok:"+of)
	for i := range g.found {
		if c := &g.found[i]; c.spec == &tokenReuse {
			t.Score = Whole{max(t.Score.V, int64(c.score)), true}
		}
	}
}

// weighToken takes a showing of a refresh token.
func (g *Engine) weighToken(o *observation) {
	o.print = g.printOf(o.e)
	g.openFamily(o)
	if o.family != nil {
		o.signals |= tokenShown
	}
}

// tellReuse and hearReuse take what was measured there and back.
func tellReuse(o *observation, to *Observation) {
	r := &o.reuse
	to.SinceMS, to.SuccessorShown, to.Lost = Whole{r.sinceMS, r.known}, yes(r.successor), yes(r.lost)
	to.Client = r.client
}

func hearReuse(o *observation, from *Observation) {
	o.reuse = reuse{sinceMS: from.SinceMS.V, client: from.Client, successor: from.SuccessorShown == True, known: from.SinceMS.Set, lost: from.Lost == True,
		reported: o.e.Type == TokenReuseDetected}
}

func yes(b bool) Flag {
	if b {
		return True
	}
	return False
}
