package detector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of concurrent_ips.
const (
	crowdWindow = iota
	crowdMinNetworks
	crowdPrefixV4
	crowdPrefixV6
	crowdIgnoreASN
)

var concurrentIPs = detectorSpec{
	Detector: rules.Detector{
		Name: "concurrent_ips",
		Doc:  "The session is in use from several networks of several providers at once, or goes from one to another and back.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 5 * 60_000, Min: 1000, Max: 24 * 3600_000, Doc: "at once means within this time (Splunk 5 min, Elastic 30 min)"},
			{Name: "min_networks", Default: 3, Min: 2, Max: 8, Doc: "networks, each of another provider"},
			{Name: "prefix_v4", Default: prefixV4, Min: 8, Max: prefixV4, Doc: "bits of an IPv4 address that make one network"},
			{Name: "prefix_v6", Default: prefixV6, Min: 16, Max: prefixV6, Doc: "likewise of IPv6"},
			{Name: "ignore_asn", Kind: rules.ListRef, List: rules.ASNs, Doc: "providers that do not count"},
		},
		Facts: []rules.Field{
			{Name: "networks", Type: rules.Integer, Doc: "networks in the window that count"},
			{Name: "returned", Type: rules.Bool, Doc: "the session went to another network and came back"},
			{Name: "asns", Type: rules.String, Doc: "their providers"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeCrowd,
	missing: missingASN,
	explain: explainCrowd,
}

// crowd is which networks used the session at once.
type crowd struct {
	asns     [8]uint32
	networks int
	returned bool
}

func judgeCrowd(g *Engine, o *observation, p *rules.Params) verdict {
	o.crowd = crowd{}
	if missingASN(g, o) != "" {
		return notEvaluable
	}
	here := *o.networkHere()
	if o.trail == nil || !o.counts(&here, p) || o.learned(&here) {
		return silent
	}
	o.crowd.count(here.asn)
	left, back := o.before, false
	for i := range o.trail.networks {
		n := &o.trail.networks[i]
		switch {
		case n.last == 0 || abs(o.now-n.last) > p.MS(crowdWindow):
		case n.within(&here, p):
			back = true
		case o.counts(n, p) && !o.learned(n) && !o.edge(n.asn, here.asn):
			o.crowd.count(n.asn)
		}
	}
	o.crowd.returned = back && !o.late && left.asn != 0 && left.asn != here.asn && !left.within(&here, p) && o.counts(&left, p) && !o.learned(&left) && !o.edge(left.asn, here.asn) &&
		abs(o.now-left.last) <= p.MS(crowdWindow)
	if o.crowd.networks >= int(p.Num(crowdMinNetworks)) || o.crowd.returned {
		return fires
	}
	return silent
}

// counts says whether a network can be evidence at all: a cellular leg, a relay, a satellite, a learned egress and an ignored
// provider cannot.
func (o *observation) counts(n *network, p *rules.Params) bool {
	return n.flags&(networkCellular|networkShared) == 0 && !p.List(crowdIgnoreASN).HasASN(n.asn)
}

// learned says whether a network is one of the user's own: taught by a passed step-up, or in use for a day without a finding.
func (o *observation) learned(n *network) bool {
	return n.flags&networkLearned != 0 || o.u != nil && o.u.knows(n, o.now)
}

// edge says whether the user's own client is known to go between two providers, and it is that client.
func (o *observation) edge(a, b uint32) bool {
	return o.u != nil && o.u.paired(a, b, o.now) && sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp)
}

// within says whether two networks are one under the rule's prefix lengths.
func (n *network) within(m *network, p *rules.Params) bool {
	if (n.flags^m.flags)&networkV6 != 0 {
		return false
	}
	drop := prefixV4 + 8 - int(p.Num(crowdPrefixV4))
	if n.flags&networkV6 != 0 {
		drop = 64 - int(p.Num(crowdPrefixV6))
	}
	return n.prefix>>drop == m.prefix>>drop
}

// count adds a network of a provider that is not counted yet: networks and providers must both be distinct.
func (c *crowd) count(asn uint32) {
	if asn != 0 && c.networks < len(c.asns) && !slices.Contains(c.asns[:c.networks], asn) {
		c.asns[c.networks] = asn
		c.networks++
	}
}

func missingASN(_ *Engine, o *observation) string {
	switch why := unroutable(o.e.Client.IP); {
	case why != 0:
		return why.String()
	case o.e.Client.Geo.Build == "":
		return "no geography"
	case o.place.asn == 0:
		return "no asn"
	}
	return ""
}

func explainCrowd(_ *Engine, o *observation, p *rules.Params) explanation {
	var asns []string
	for _, a := range o.crowd.asns[:o.crowd.networks] {
		asns = append(asns, fmt.Sprintf("AS%d", a))
	}
	how := "in use at once from"
	if o.crowd.returned {
		how = "went and came back between"
	}
	nearest := bound("networks", "<=", int64(p.Num(crowdMinNetworks))-1)
	if o.crowd.returned {
		nearest = boolFact("returned", false)
	}
	return explanation{reason: fmt.Sprintf("%s %d networks within %s: %s", how, o.crowd.networks, span(p.MS(crowdWindow)), strings.Join(asns, ", ")), facts: []Fact{
		{Name: "networks", Kind: FactInt, Int: int64(o.crowd.networks)},
		boolFact("returned", o.crowd.returned),
		{Name: "asns", Text: strings.Join(asns, ", ")},
	}, nearest: []Fact{nearest}}
}

func boolFact(name string, set bool) Fact {
	f := Fact{Name: name, Kind: FactBool}
	if set {
		f.Int = 1
	}
	return f
}
