package bank

// How events reach the log: mostly at once and in order. What the publishers and their queues do to the others. The
// limits are those of the contract: seconds as a rule, minutes for a phone without a net; how often is plausible, not
// measured.
const (
	shareLate     = 0.004  // come up to 5 s late
	shareVeryLate = 0.0015 // up to 30 s
	shareOffline  = 0.0005 // of the app's: up to 10 minutes
	shareRepeated = 0.001  // come twice: the publisher got no acknowledgement
	publishers    = 40     // instances of the apps
	shareSkewed   = 0.04   // of the three-hour watches one of them has a wrong clock, until somebody sees it
	watchMS       = 3 * hourMS
	skewMinMS     = -25_000
	skewMaxMS     = 32_000 // PostHog issue 98250 tells of 15 and 32 s

	// On a bad route one instance sees the proxy in front of it instead of the client, at noon for half an hour.
	hopFromMS, hopUntilMS = 12 * hourMS, 12*hourMS + 30*60_000
)

// The questions that an event's die answers.
const (
	askPublisher = iota
	askLate
	askDelay
	askRepeat
	askRepeatDelay
	askSkewed
	askSkewedPublisher
	askSkew
)

// fate is what happens to an event between the app and the log. It hangs on the event's number alone, so that nobody's
// dice move.
type fate struct {
	skewMS    int64 // of the publisher's clock
	hop       bool  // the client's address is the proxy's
	delayMS   int64
	repeatMS  int64 // after the first; 0 for no repeat
	publisher uint64
}

func (b *Bank) fate(c *customer, native, shown bool) fate {
	die := seed(b.cfg.Seed + uint64(c.n)<<32 + c.events)
	roll := func(question uint64, lo, hi int64) int64 { return lo + int64(die.roll(question)*float64(hi-lo)) }
	f := fate{publisher: uint64(die.roll(askPublisher) * publishers)}
	watch := seed(b.cfg.Seed + uint64(b.nowMS/watchMS))
	if watch.roll(askSkewed) < shareSkewed && f.publisher == uint64(watch.roll(askSkewedPublisher)*publishers) {
		f.skewMS = skewMinMS + int64(watch.roll(askSkew)*(skewMaxMS-skewMinMS))
	}
	ofDay := b.nowMS % dayMS
	f.hop = shown && f.publisher == 0 && ofDay >= hopFromMS && ofDay < hopUntilMS
	switch x := die.roll(askLate); {
	case x < shareOffline && native:
		f.delayMS = roll(askDelay, 30_000, 10*60_000)
	case x < shareVeryLate:
		f.delayMS = roll(askDelay, 5_000, 30_000)
	case x < shareVeryLate+shareLate:
		f.delayMS = roll(askDelay, 50, 5_000)
	}
	if die.roll(askRepeat) < shareRepeated {
		f.repeatMS = roll(askRepeatDelay, 100, 20_000)
	}
	return f
}

// cause is what is odd about it.
func (f *fate) cause() Cause {
	var c Cause
	if f.skewMS != 0 {
		c |= CauseSkew
	}
	if f.delayMS != 0 || f.repeatMS != 0 {
		c |= CauseDisorder
	}
	if f.hop {
		c |= CausePrivateAddress
	}
	return c
}

// deliver lets an event arrive, and perhaps once more.
func (b *Bank) deliver(p Published, f *fate) {
	if f.delayMS == 0 {
		b.pending = append(b.pending, p)
	} else {
		b.in(f.delayMS, &arrival{p})
	}
	if f.repeatMS != 0 {
		l := &p.Label // it is the same request, not another
		l.Begins, l.Request, l.Sensitive, l.Completed = false, false, false, false
		b.in(f.delayMS+f.repeatMS, &arrival{p})
	}
}

// arrival is an event that comes later than it happened.
type arrival struct{ p Published }

func (a *arrival) act(b *Bank) { b.pending = append(b.pending, a.p) }
