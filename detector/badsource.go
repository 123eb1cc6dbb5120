package detector

import (
	"fmt"
	"strconv"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of known_bad_source, each a list.
const (
	badNetworks = iota
	badASNs
	badJA4
)

var knownBadSource = detectorSpec{
	Detector: rules.Detector{
		Name: "known_bad_source",
		Doc:  "The session is used from an address, a provider or a TLS client that is on a list of bad ones. It also judges a session's first use.",
		Params: []rules.Param{
			{Name: "networks", Kind: rules.ListRef, List: rules.CIDRs, Doc: "addresses; residential proxies change hands within hours, so take such lists with their time to live"},
			{Name: "asns", Kind: rules.ListRef, List: rules.ASNs, Doc: "providers"},
			{Name: "ja4", Kind: rules.ListRef, List: rules.Texts, Doc: "whole JA4 fingerprints of tools"},
		},
		Facts: []rules.Field{
			{Name: "source", Type: rules.String, Enum: []string{"address", "asn", "ja4"}, Doc: "what is on the list"},
			{Name: "value", Type: rules.String, Doc: "the address, the provider or the fingerprint"},
			{Name: "list", Type: rules.String, Doc: "the list that it is on"},
		},
	},
	wakes:   firstLook | newAddress | clientChanged,
	sees:    seesFirst,
	judge:   judgeBadSource,
	missing: alwaysEvaluable,
	explain: explainBadSource,
}

// badSource is what was found on which list.
type badSource struct {
	source string
	list   *rules.List
}

func judgeBadSource(_ *Engine, o *observation, p *rules.Params) verdict {
	c := &o.e.Client
	o.bad = badSource{}
	switch {
	case o.taught:
		return silent
	case p.List(badNetworks).HasIP(c.IP):
		o.bad = badSource{"address", p.List(badNetworks)}
	case c.Geo.ASN.Set && p.List(badASNs).HasASN(uint32(c.Geo.ASN.V)):
		o.bad = badSource{"asn", p.List(badASNs)}
	case c.JA4 != "" && p.List(badJA4).HasText(c.JA4):
		o.bad = badSource{"ja4", p.List(badJA4)}
	default:
		return silent
	}
	return fires
}

func explainBadSource(_ *Engine, o *observation, _ *rules.Params) explanation {
	c, value := &o.e.Client, ""
	switch o.bad.source {
	case "address":
		value = c.IP.String()
	case "asn":
		value = "AS" + strconv.FormatInt(c.Geo.ASN.V, 10)
	case "ja4":
		value = c.JA4
	}
	return explanation{reason: fmt.Sprintf("%s is on the list %s", value, o.bad.list.Name), facts: []Fact{
		{Name: "source", Text: o.bad.source},
		{Name: "value", Text: value},
		{Name: "list", Text: o.bad.list.Name},
	}, nearest: []Fact{{Name: "list", Text: "none"}}}
}
