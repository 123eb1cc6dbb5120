package detector

import "github.com/sessionguard/sessionguard/rules"

// scriptedHeadless is the parameter of scripted_client.
const scriptedHeadless = 0

var scriptedClient = detectorSpec{
	Detector: rules.Detector{
		Name: "scripted_client",
		Doc:  "A program shows a session that began in a browser.",
		Params: []rules.Param{
			{Name: "headless", Kind: rules.Toggle, Default: 1, Doc: "a browser that a program drives counts too"},
		},
		Needs: []string{"client.user_agent"},
		Facts: []rules.Field{
			{Name: "client", Type: rules.String, Doc: "the program"},
			{Name: "began_in", Type: rules.String, Doc: "the client that the session belongs to"},
		},
	},
	wakes:   programmed,
	judge:   judgeScripted,
	missing: missingAgent,
	explain: func(g *Engine, o *observation, _ *rules.Params) explanation {
		from, to := g.clientText(&o.s.client), g.clientText(&o.print)
		return explanation{reason: to + " shows a session that began in " + from,
			facts: []Fact{{Name: "client", Text: to}, {Name: "began_in", Text: from}}, nearest: []Fact{{Name: "client", Text: "a browser"}}}
	},
}

func judgeScripted(_ *Engine, o *observation, p *rules.Params) verdict {
	headless := o.print.flags&printScripted == 0
	if o.s.flags&beganInBrowser == 0 || headless && !p.On(scriptedHeadless) {
		return silent
	}
	return fires
}
