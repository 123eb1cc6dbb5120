package detector

import (
	"fmt"
	"net/netip"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of session_id_guessing.
const (
	guessPerMinute = iota
	guessPerHour
	guessDevices
)

var sessionIDGuessing = detectorSpec{
	Detector: rules.Detector{
		Name: "session_id_guessing",
		Doc: "Many session ids that the app never issued are shown from one network: somebody guesses, or tries ids that he collected. One id " +
			"counts once, however often it is shown; as many as customers are known to begin their sessions on the network are explained by an app that forgot its sessions.",
		Params: []rules.Param{
			{Name: "per_minute", Default: 20, Min: 1, Max: 10_000, Doc: "more than so many unknown ids in a minute (OWASP Session Management; AppSensor AE3)"},
			{Name: "per_hour", Default: 200, Min: 1, Max: 100_000, Doc: "or in an hour: slow guessing, spread over a network (a proposal)"},
			{Name: "max_devices", Default: 180, Min: 0, Max: 10_000, Doc: "so many ids at most are explained by coming from different devices, the first of each (device.id is a client's own claim)"},
		},
		Needs: []string{"session.unknown_id"},
		Facts: []rules.Field{
			{Name: "network", Type: rules.String, Doc: "what to block, as a prefix: the address where all came from one, else its network"},
			{Name: "unknown_ids", Type: rules.Integer, Doc: "ids shown within the window that the app never issued"},
			{Name: "window_s", Type: rules.Integer, Unit: "s", Doc: "the time in which they were counted"},
			{Name: "explained", Type: rules.Integer, Doc: "how many of them the network's customers and devices would explain"},
		},
	},
	wakes:   guessed,
	sees:    seesFirst | seesRefused,
	judge:   judgeGuessing,
	missing: alwaysEvaluable,
	explain: explainGuessing,
	tells: func(o *observation, to *Observation) {
		m := &o.guessing
		o.probe.note(o.rule.ID, o.now)
		to.Network, to.Count, to.WindowS, to.Users = m.network, Whole{int64(m.count), true}, Whole{m.windowS, true}, Whole{m.explained, true}
	},
	hears: func(o *observation, from *Observation) {
		o.guessing = guessing{from.Network, uint32(from.Count.V), from.WindowS.V, from.Users.V}
	},
}

// guessing is how many unknown ids were shown from a network, and how many honest clients would have shown.
type guessing struct {
	network   string
	count     uint32
	windowS   int64
	explained int64
}

// probe is the unknown ids of a network. Only a network that showed one has it.
type probe struct {
	minute   [192]tries // of 5 s: 16 min
	hour     [24]tries  // of 5 min: 2 h
	newest   [2]int64   // the numbers of their newest buckets since 1970
	ip       [16]byte   // the last address
	othersAt int64      // when another one than before showed an id
	told     [16]told   // free ones are behind
}

// told is when a rule's verdict was given: a verdict stands for its whole window.
type told struct{ rule, at uint32 } // Unix seconds

// tries counts ids, and of them those that a new device showed first.
type tries struct{ ids, devices uint32 }

// window counts in a sliding window of windowBuckets. It keeps more than one: partitions do not keep step, and what one tells later than another,
// but of an earlier time, is counted in that time.
type window struct {
	ring     []tries
	newest   *int64
	lengthS  int64
	minutely bool
}

const (
	guessMinuteS  = 60
	guessHourS    = 3600
	windowBuckets = 12
	probeForgetS  = 24 * 3600 // a network that showed no unknown id for so long has no probe
)

// windows are those in which the unknown ids of a network are counted.
func (p *probe) windows() [2]window {
	return [...]window{{p.minute[:], &p.newest[0], guessMinuteS, true}, {p.hour[:], &p.newest[1], guessHourS, false}}
}

// add counts at a time; what is older than all that is kept is not counted.
func (w *window) add(ms int64, ids, devices uint32) {
	bucket, n := w.bucketOf(ms), int64(len(w.ring))
	for i := max(*w.newest+1, bucket-n+1, 0); i <= bucket; i++ {
		w.ring[i%n] = tries{}
	}
	*w.newest = max(*w.newest, bucket)
	if c := &w.ring[bucket%n]; *w.newest-bucket < n {
		c.ids, c.devices = min(c.ids+ids, 1<<24), min(c.devices+devices, 1<<24)
	}
}

func (w *window) bucketOf(ms int64) int64 { return max(0, ms/1000) / (w.lengthS / windowBuckets) }

// sum gives the most that any window around a time counted.
func (w *window) sum(ms int64) (most tries) {
	bucket, n := w.bucketOf(ms), int64(len(w.ring))
	for end := bucket; end < bucket+windowBuckets && end <= *w.newest; end++ {
		var c tries
		for i := max(end-windowBuckets+1, *w.newest-n+1, 0); i <= end; i++ {
			c.ids, c.devices = c.ids+w.ring[i%n].ids, c.devices+w.ring[i%n].devices
		}
		if c.ids > most.ids {
			most = c
		}
	}
	return most
}

// weighUnknown takes unknown ids that were shown on a network.
func (g *Engine) weighUnknown(o *observation) {
	if o.node.probe == 0 {
		o.node.probe = g.probes.take()
	}
	p := g.probes.at(o.node.probe)
	ids, devices := uint32(1), uint32(0)
	if c := o.e.Observation.Count; c.Set {
		ids = uint32(min(max(c.V, 1), 1<<24))
	}
	if c := o.e.Observation.Devices; c.Set {
		devices = uint32(min(max(c.V, 0), int64(ids)))
	}
	for _, w := range p.windows() {
		w.add(o.now, ids, devices)
	}
	if ip := o.e.Client.IP.As16(); ip != p.ip {
		if p.ip != ([16]byte{}) && !sameHost(ip, p.ip) {
			p.othersAt = o.now
		}
		p.ip = ip
	}
	o.probe = p
	o.signals |= guessed
}

// alone says whether one address alone showed the ids of a window.
func (p *probe) alone(now, windowS int64) bool {
	return p.othersAt == 0 || abs(now-p.othersAt) > windowS*1000
}

// wasTold says whether a rule's verdict was given within a window's length of a time, before or after.
func (p *probe) wasTold(rule string, now, windowS int64) bool {
	for i := range p.told {
		if p.told[i].rule == ruleHash(rule) && abs(now-int64(p.told[i].at)*1000) < windowS*1000 {
			return true
		}
	}
	return false
}

// note remembers a rule's verdict; the one that was given longest ago gives way.
func (p *probe) note(rule string, now int64) {
	copy(p.told[1:], p.told[:])
	p.told[0] = told{ruleHash(rule), seconds(now)}
}

func judgeGuessing(_ *Engine, o *observation, p *rules.Params) verdict {
	for _, w := range o.probe.windows() {
		limit := guessPerHour
		if w.minutely {
			limit = guessPerMinute
		}
		shown := w.sum(o.now)
		explained := int64(o.node.customers(o.now)) + min(int64(shown.devices), int64(p.Num(guessDevices)))
		if int64(shown.ids) > int64(p.Num(limit))+explained && !o.probe.wasTold(o.rule.ID, o.now, w.lengthS) {
			block := blockOf(netip.AddrFrom16(o.probe.ip).Unmap(), o.probe.alone(o.now, w.lengthS))
			o.guessing = guessing{block.String(), shown.ids, w.lengthS, explained}
			return fires
		}
	}
	return silent
}

func explainGuessing(_ *Engine, o *observation, p *rules.Params) explanation {
	m, limit := &o.guessing, guessPerMinute
	if m.windowS == guessHourS {
		limit = guessPerHour
	}
	return explanation{reason: fmt.Sprintf("%s session ids that were never issued were shown from %s within %s", thousands(int64(m.count)), m.network, span(m.windowS*1000)),
		facts: []Fact{
			{Name: "network", Text: m.network},
			{Name: "unknown_ids", Kind: FactInt, Int: int64(m.count)},
			{Name: "window_s", Kind: FactInt, Int: m.windowS},
			{Name: "explained", Kind: FactInt, Int: m.explained},
		}, nearest: []Fact{bound("unknown_ids", "<=", int64(p.Num(limit))+m.explained)}}
}
