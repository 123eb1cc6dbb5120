package detector

import "github.com/sessionguard/sessionguard/rules"

// unrotatedGrace is the parameter of unrotated_privilege and unrotated_credential.
const unrotatedGrace = 0

var unrotatedPrivilege = unrotatedSpec("unrotated_privilege",
	"The session goes on under the same id after its privileges changed, or after a step-up to a higher assurance level.",
	"session.privilege_changed", func(s *session) uint32 { return s.life.privileged }, "the session's privileges")

var unrotatedCredential = unrotatedSpec("unrotated_credential",
	"The session goes on under the same id after a password or another factor was changed on it.",
	"credential.changed", func(s *session) uint32 { return s.life.recredited }, "the customer's credentials")

// unrotatedSpec is a detector of ids that outlive a change after which OWASP ASVS 7.2.4 asks for a new one.
func unrotatedSpec(name, doc, needs string, at func(*session) uint32, what string) detectorSpec {
	return detectorSpec{
		Detector: rules.Detector{
			Name: name, Doc: doc, Needs: []string{needs},
			Params: []rules.Param{{Name: "grace", Kind: rules.Period, Default: 30_000, Min: 0, Max: 3600_000,
				Doc: "time in which the old id may still be in use (OWASP Session Management Cheat Sheet: a short safety interval)"}},
			Facts: []rules.Field{{Name: "since_change_s", Type: rules.Integer, Unit: "s", Doc: "time since the change"}},
		},
		wakes:   unrotated,
		sees:    seesFirst,
		missing: alwaysEvaluable,
		judge: func(_ *Engine, o *observation, p *rules.Params) verdict {
			if changed := at(o.s); changed == 0 || o.s.ended != 0 || !presents(o.e) || o.since(changed) <= p.MS(unrotatedGrace) {
				return silent
			}
			return fires
		},
		explain: func(_ *Engine, o *observation, p *rules.Params) explanation {
			since := o.since(at(o.s))
			return explanation{reason: "the same id is in use " + span(since) + " after " + what + " changed",
				facts:   []Fact{{Name: "since_change_s", Kind: FactInt, Int: since / 1000}},
				nearest: []Fact{bound("since_change_s", "<=", p.MS(unrotatedGrace)/1000)}}
		},
	}
}

// asksForNewID says whether an event changes what the session may do, or what its user is known by.
func asksForNewID(o *observation) (privilege, credential bool) {
	e, s := o.e, o.s
	switch e.Type {
	case SessionPrivilegeChanged:
		return true, false
	case AuthReauthenticated:
		return s.aal != 0 && e.Auth.AAL.Set && e.Auth.AAL.V > int64(s.aal) && e.Auth.AAL.V <= maxAAL, false
	case CredentialChanged, FactorChanged:
		return false, true
	}
	return false, false
}

// rotationMS is how close a rotation and the change that it is for may lie: they are two events of one request.
const rotationMS = 5000

// justRotated says whether the session's id came into use with this event, or just before it.
func (o *observation) justRotated() bool {
	return o.s.life.rotated != 0 && o.since(o.s.life.rotated) <= rotationMS
}
