package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// downgradeMinVersions is the parameter of client_downgrade.
const downgradeMinVersions = 0

var clientDowngrade = detectorSpec{
	Detector: rules.Detector{
		Name: "client_downgrade",
		Doc:  "The client went back to an older version of its browser or system, or became one that does not exist. Updates go up.",
		Params: []rules.Param{
			{Name: "min_versions", Default: 1, Min: 1, Max: 1000, Doc: "by how many major versions the browser went down"},
		},
		Needs: []string{"client.user_agent"},
		Facts: []rules.Field{
			{Name: "versions", Type: rules.Integer, Doc: "major versions that the browser went down"},
			{Name: "what", Type: rules.String, Enum: []string{"browser", "os", "impossible"}, Doc: "what went down, or that there is no such client"},
			{Name: "from", Type: rules.String, Doc: "the client that the session belongs to"},
			{Name: "to", Type: rules.String, Doc: "the client of this event"},
		},
	},
	wakes:   clientChanged,
	judge:   judgeDowngrade,
	missing: missingAgent,
	explain: explainDowngrade,
}

// downgrade is what went down.
type downgrade struct {
	from     print
	what     string
	versions int
}

// judgeDowngrade looks at what is newer than the session's latest event: of a late one it is not known whether an update came after it.
func judgeDowngrade(g *Engine, o *observation, p *rules.Params) verdict {
	own, now := g.own(o), &o.print
	o.down = downgrade{from: *own}
	if now.agent == 0 {
		return notEvaluable
	}
	if now.against&notExisting&^own.against != 0 {
		o.down.what = "impossible"
		return fires
	}
	if o.s.kind == KindMobileApp && own.flags&now.flags&printWebview != 0 {
		return silent // an app may show two web views of different versions (D10)
	}
	if o.late || !sameFace(own, now) || own.browser == UnknownBrowser || own.name != now.name {
		return silent
	}
	if own.major != 0 && now.major != 0 {
		o.down.versions = int(own.major) - int(now.major)
	}
	switch {
	case float64(o.down.versions) >= p.Num(downgradeMinVersions) && !g.released(g.hash.versionChange(own, now)):
		o.down.what = "browser"
	case own.osMajor > now.osMajor && now.osMajor != 0:
		o.down.what = "os"
	default:
		return silent
	}
	return fires
}

func explainDowngrade(g *Engine, o *observation, p *rules.Params) explanation {
	d := &o.down
	from, to := g.clientText(&d.from), g.clientText(&o.print)
	x := explanation{reason: fmt.Sprintf("%s went back to %s", from, to), facts: []Fact{
		{Name: "versions", Kind: FactInt, Int: int64(max(d.versions, 0))},
		{Name: "what", Text: d.what},
		{Name: "from", Text: from},
		{Name: "to", Text: to},
	}, nearest: []Fact{bound("versions", "<", int64(p.Num(downgradeMinVersions)))}}
	switch d.what {
	case "os":
		x.reason = fmt.Sprintf("%s went back from version %d of its system to %d", to, d.from.osMajor, o.print.osMajor)
		x.nearest = []Fact{{Name: "to", Text: fmt.Sprintf("version %d of the system, or later", d.from.osMajor)}}
	case "impossible":
		x.reason = fmt.Sprintf("%s became %s, and there is no such client", from, to)
		x.nearest = []Fact{{Name: "to", Text: "a client that exists"}}
	}
	return x
}
