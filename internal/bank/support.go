package bank

import (
	"fmt"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// call is a customer who asks the bank's support: an employee looks at her accounts, as her, in a session of his own.
type call struct {
	c    *customer
	s    *session
	left int
}

const (
	shareSupport     = 0.0008 // of the visits; plausible, not measured
	supportCity      = "Hamburg"
	supportEmployees = 40
)

func (k *call) act(b *Bank) {
	r := k.c.rng
	switch {
	case k.s == nil:
		k.begin(b)
	case k.left > 0:
		k.left--
		b.sayFor(k.s, event{kind: "session.presented", method: "GET", path: pick(r, webPages), label: Label{Request: true}})
	default:
		b.sayFor(k.s, event{kind: "session.ended", method: "POST", path: "/logout", endReason: "logout", label: Label{Request: true}})
		k.s.verdict = "logout"
		return
	}
	b.in(k.c.pause(15), k)
}

func (k *call) begin(b *Bank) {
	r := k.c.rng
	k.left = int(between(r, 3, 8))
	employee := r.IntN(supportEmployees)
	office := b.net.In(int(cityNamed(supportCity)), internet.Office)[0]
	k.s = &session{
		c: k.c, d: &k.c.devices[0], slot: -1, createdMS: b.nowMS, authMS: b.nowMS, access: b.line(office, 1400, false), causes: CauseSupport,
		lineage: "ses_" + token(r, 20), methods: `["pwd","hwk"]`, aal: 2, actor: fmt.Sprintf("emp-%02d", employee),
		client: client{agent: b.agent(agentKey{family: edge, platform: windows, version: released(edge, b.nowMS)}), language: "de-DE,de;q=0.9,en;q=0.8", timezone: "Europe/Berlin", screen: "1920x1080", deviceID: fmt.Sprintf("dev-support%02d", employee)},
	}
	k.s.id, k.s.ip = k.s.lineage, k.s.access.ip(r)
	b.sayFor(k.s, event{kind: "session.created", method: "POST", path: "/support/act-as", authMethods: k.s.methods, label: Label{Begins: true, Request: true}})
}
