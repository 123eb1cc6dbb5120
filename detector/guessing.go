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
	minute, hour tries
	ip           [16]byte // the last address
	othersAt     int64    // when another one than before showed an id
	told         [4]told
}

// told is when a rule's verdict was given: a verdict stands for its whole window.
type told struct{ rule, at uint32 } // Unix seconds

// tries counts ids, and of them those that a new device showed first, in a sliding window of twelve buckets.
type tries struct {
	ids, devices [12]uint32
	newest       int64 // the number of the newest bucket since 1970
}

const (
	guessMinuteS = 60
	guessHourS   = 3600
)

// add counts at a time; what is older than the window is not counted.
func (c *tries) add(ms, windowS int64, ids, devices uint32) {
	bucket, n := c.roll(ms, windowS), int64(len(c.ids))
	if c.newest-bucket >= n {
		return
	}
	c.ids[bucket%n] += min(ids, 1<<24)
	c.devices[bucket%n] += min(devices, 1<<24)
}

// roll empties the buckets up to a time, and gives its own.
func (c *tries) roll(ms, windowS int64) int64 {
	n := int64(len(c.ids))
	bucket := max(0, ms/1000) / (windowS / n)
	for i := max(c.newest+1, bucket-n+1); i <= bucket; i++ {
		c.ids[i%n], c.devices[i%n] = 0, 0
	}
	c.newest = max(c.newest, bucket)
	return bucket
}

func (c *tries) sum() (ids, devices uint32) {
	for i := range c.ids {
		ids += c.ids[i]
		devices += c.devices[i]
	}
	return ids, devices
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
	p.minute.add(o.now, guessMinuteS, ids, devices)
	p.hour.add(o.now, guessHourS, ids, devices)
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
	return p.othersAt == 0 || now-p.othersAt > windowS*1000
}

func (p *probe) toldAt(rule string) int64 {
	for i := range p.told {
		if p.told[i].rule == ruleHash(rule) {
			return int64(p.told[i].at) * 1000
		}
	}
	return 0
}

// note remembers a rule's verdict, over the one that is longest ago.
func (p *probe) note(rule string, now int64) {
	oldest := &p.told[0]
	for i := range p.told {
		if p.told[i].rule == ruleHash(rule) {
			oldest = &p.told[i]
			break
		}
		if p.told[i].at < oldest.at {
			oldest = &p.told[i]
		}
	}
	*oldest = told{ruleHash(rule), seconds(now)}
}

func judgeGuessing(_ *Engine, o *observation, p *rules.Params) verdict {
	for _, w := range [...]struct {
		tries   *tries
		windowS int64
		limit   int
	}{{&o.probe.minute, guessMinuteS, guessPerMinute}, {&o.probe.hour, guessHourS, guessPerHour}} {
		ids, devices := w.tries.sum()
		explained := int64(o.node.customers(o.now)) + min(int64(devices), int64(p.Num(guessDevices)))
		if int64(ids) > int64(p.Num(w.limit))+explained && o.now-o.probe.toldAt(o.rule.ID) >= w.windowS*1000 {
			block := blockOf(netip.AddrFrom16(o.probe.ip).Unmap(), o.probe.alone(o.now, w.windowS))
			o.guessing = guessing{block.String(), ids, w.windowS, explained}
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
