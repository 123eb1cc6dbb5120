package detector

import (
	"sync"

	"github.com/sessionguard/sessionguard/rules"
)

// Language gives the language that the engine's rules are written in: the fields of an event, what enrichment adds, and what is
// known of the session and the user. It is the same value at every call; do not change it. Safe for concurrent use.
var Language = sync.OnceValue(func() *rules.Language {
	l := &rules.Language{EventTypes: EventTypes[:]}
	for i := range EventFields {
		l.Fields = append(l.Fields, EventFields[i].Field)
	}
	for _, f := range agentFields {
		l.Fields = append(l.Fields, f.Field)
	}
	for _, f := range baselineFields {
		l.Fields = append(l.Fields, f.Field)
	}
	for _, d := range detectors {
		l.Detectors = append(l.Detectors, d.Detector)
	}
	return l
})

// agentField is a field that enrichment fills.
type agentField struct {
	rules.Field
	get func(*Agent) rules.Value
	set func(*Agent, rules.Value)
}

var agentFields = []agentField{
	{text("client.agent.browser", "family of the browser or program", browserNames[1:]...),
		func(a *Agent) rules.Value { return textValue(a.Browser.String(), a.Browser != UnknownBrowser) },
		func(a *Agent, v rules.Value) { a.Browser = Browser(index(browserNames[:], v.Str)) }},
	{text("client.agent.brand", "family that the client hints name, where some were sent", browserNames[1:]...),
		func(a *Agent) rules.Value { return textValue(a.Brand.String(), a.Brand != UnknownBrowser) },
		func(a *Agent, v rules.Value) { a.Brand = Browser(index(browserNames[:], v.Str)) }},
	{text("client.agent.name", "own name of a program whose family is not listed"),
		func(a *Agent) rules.Value { return textValue(a.Name, a.Name != "") },
		func(a *Agent, v rules.Value) { a.Name = v.Str }},
	{whole("client.agent.browser_version", "", "major version of the browser"),
		func(a *Agent) rules.Value { return intValue(int64(a.Major), a.Major != 0) },
		func(a *Agent, v rules.Value) { a.Major = uint16(v.Int) }},
	{text("client.agent.engine", "rendering engine", engineNames[1:]...),
		func(a *Agent) rules.Value { return textValue(a.Engine.String(), a.Engine != UnknownEngine) },
		func(a *Agent, v rules.Value) { a.Engine = EngineFamily(index(engineNames[:], v.Str)) }},
	{text("client.agent.os", "family of the operating system", osNames[1:]...),
		func(a *Agent) rules.Value { return textValue(a.OS.String(), a.OS != UnknownOS) },
		func(a *Agent, v rules.Value) { a.OS = OS(index(osNames[:], v.Str)) }},
	{whole("client.agent.os_version", "", "major version of the operating system; absent where user-agent reduction froze it"),
		func(a *Agent) rules.Value { return intValue(int64(a.OSMajor), a.OSMajor != 0) },
		func(a *Agent, v rules.Value) { a.OSMajor = uint16(v.Int) }},
	{text("client.agent.device_class", "desktop, phone or tablet", deviceNames[1:]...),
		func(a *Agent) rules.Value { return textValue(a.Device.String(), a.Device != UnknownDevice) },
		func(a *Agent, v rules.Value) { a.Device = DeviceClass(index(deviceNames[:], v.Str)) }},
	{flag("client.agent.scripted", "a program, not a person's browser or app"),
		func(a *Agent) rules.Value { return boolValue(a.Scripted, a.Hash != 0) },
		func(a *Agent, v rules.Value) { a.Scripted = v.Bool }},
	{flag("client.agent.headless", "a browser that a program drives"),
		func(a *Agent) rules.Value { return boolValue(a.Headless, a.Hash != 0) },
		func(a *Agent, v rules.Value) { a.Headless = v.Bool }},
	{flag("client.agent.webview", "a web view inside an app"),
		func(a *Agent) rules.Value { return boolValue(a.Webview, a.Hash != 0) },
		func(a *Agent, v rules.Value) { a.Webview = v.Bool }},
}

// baselineField is what is known of the session or the user, before the event.
type baselineField struct {
	rules.Field
	get func(*observation) rules.Value
	set func(*observation, rules.Value) // for `state:` of inline tests; nil: cannot be set
}

// mfaFreshMS is how long a passed step-up is fresh: the five minutes of PSD2 RTS Art. 4(3)(d).
const mfaFreshMS = 5 * 60_000

var baselineFields = []baselineField{
	{since("session.age", "time since the session began"), func(o *observation) rules.Value { return o.sinceOf(func(s *session) int64 { return s.first }) },
		func(o *observation, v rules.Value) { o.s.first = o.now - v.Int }},
	{since("session.idle", "time since the session's previous event"), func(o *observation) rules.Value { return rules.Value{Present: o.idleMS >= 0, Int: o.idleMS} }, nil},
	{since("session.since_drift", "time since a rule of evidence client fired on the session"), func(o *observation) rules.Value { return o.sinceOf(func(s *session) int64 { return s.drifted }) },
		func(o *observation, v rules.Value) { o.s.drifted = o.now - v.Int }},
	{since("session.since_move", "time since the session's network changed"), func(o *observation) rules.Value { return o.sinceOf(func(s *session) int64 { return s.moved }) },
		func(o *observation, v rules.Value) { o.s.moved = o.now - v.Int }},
	{since("session.since_reauth", "time since the last passed step-up"), func(o *observation) rules.Value { return o.sinceOf(func(s *session) int64 { return s.reauthed }) },
		func(o *observation, v rules.Value) { o.s.reauthed = o.now - v.Int }},
	{plainWhole("session.events", "events of the session before this one"), func(o *observation) rules.Value { return intValue(int64(o.events()), o.s != nil) }, nil},
	{whole("session.burst_pages", "", "requests ahead of one a second, before this event"), func(o *observation) rules.Value {
		return o.aheadOf(func(s *session) int64 { return s.pagesUntil }, pageEveryMS)
	},
		func(o *observation, v rules.Value) { o.s.pagesUntil = o.now + v.Int*pageEveryMS }},
	{whole("session.burst_actions", "", "requested actions ahead of ten a minute, before this event"), func(o *observation) rules.Value {
		return o.aheadOf(func(s *session) int64 { return s.actionsUntil }, actionEveryMS)
	},
		func(o *observation, v rules.Value) { o.s.actionsUntil = o.now + v.Int*actionEveryMS }},
	{rules.Field{Name: "session.ended", Type: rules.Bool, Doc: "the session has ended"}, func(o *observation) rules.Value { return boolValue(o.signals&sessionOver != 0, o.s != nil) }, nil},
	{plainWhole("session.clients", "clients that showed the session, by browser, engine, operating system, class, device.id and TLS; at most the last four"),
		func(o *observation) rules.Value { return intValue(int64(o.clients), o.s != nil) }, nil},
	{plainWhole("user.sessions", "live sessions of the user"), func(o *observation) rules.Value { return intValue(int64(o.liveSessions()), o.u != nil) }, nil},
	{since("user.age", "time since the user was first seen"), userAge, func(o *observation, v rules.Value) {
		if o.u != nil {
			o.u.first = o.now - v.Int
		}
	}},
	{whole("user.logins", "", "sessions of the user that taught something; rules about habits need 10"),
		func(o *observation) rules.Value {
			if o.u == nil {
				return rules.Value{}
			}
			return intValue(int64(o.u.logins), true)
		},
		func(o *observation, v rules.Value) {
			if o.u != nil {
				o.u.logins = uint16(min(max(v.Int, 0), 1<<16-1))
			}
		}},
	{whole("user.days", "", "days on which a session of the user began; rules about habits need 5"),
		func(o *observation) rules.Value {
			if o.u == nil {
				return rules.Value{}
			}
			return intValue(int64(o.u.days), true)
		},
		func(o *observation, v rules.Value) {
			if o.u != nil {
				o.u.days = uint16(min(max(v.Int, 0), 1<<16-1))
			}
		}},
	{flag("user.known_country", "the user was in the event's country in the last 30 days"),
		func(o *observation) rules.Value {
			code := countryCode(o.e.Client.Geo.Country)
			return boolValue(o.u != nil && o.u.inCountry(code, o.now, unseenDays), o.u != nil && code != 0)
		}, nil},
	{flag("user.known_device", "the user's sessions were used with the event's device before: its device.id, else the family of its client"),
		func(o *observation) rules.Value {
			known := o.print.device != 0 || o.print.family() != 0
			return boolValue(o.u != nil && known && !o.strangeDevice(), o.u != nil && known)
		}, nil},
	{flag("user.known_network", "the user's sessions have used the event's network for a day, or passed a step-up on it"),
		func(o *observation) rules.Value {
			known := o.u != nil && o.e.Client.IP.IsValid()
			return boolValue(known && o.u.knows(o.networkHere(), o.now), known)
		},
		func(o *observation, v rules.Value) {
			if o.u == nil {
				return
			}
			if n := o.networkHere(); v.Bool {
				o.u.learn(n, o.now-learnedAfterMS, o.now)
			} else {
				o.u.forget(n)
			}
		}},
	{flag("user.mfa_fresh", "the user passed a step-up on this session in the last 5 minutes"),
		func(o *observation) rules.Value {
			return boolValue(o.s != nil && o.s.reauthed != 0 && o.now-o.s.reauthed <= mfaFreshMS, o.s != nil)
		},
		func(o *observation, v rules.Value) {
			if v.Bool {
				o.s.reauthed = o.now
			}
		}},
}

func since(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Duration, Unit: "ms", Doc: doc, Test: true}
}

func plainWhole(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Integer, Doc: doc}
}

// sinceOf is the time since a moment of the session; absent when there was none.
func (o *observation) sinceOf(at func(*session) int64) rules.Value {
	if o.s == nil || at(o.s) == 0 {
		return rules.Value{}
	}
	return rules.Value{Present: true, Int: o.now - at(o.s)}
}

// aheadOf is how many steps of a leaky bucket are left at the event.
func (o *observation) aheadOf(until func(*session) int64, everyMS int64) rules.Value {
	if o.s == nil {
		return rules.Value{}
	}
	return intValue(max(0, until(o.s)-o.now)/everyMS, true)
}

func userAge(o *observation) rules.Value {
	if o.u == nil || o.u.first == 0 {
		return rules.Value{}
	}
	return rules.Value{Present: true, Int: o.now - o.u.first}
}

func (o *observation) events() uint32 {
	if o.s == nil {
		return 0
	}
	return o.s.events
}

func (o *observation) liveSessions() uint32 {
	if o.u == nil {
		return 0
	}
	return o.u.sessions
}

// Fact gives the value of the language's i-th field. It does not allocate.
func (o *observation) Fact(i int) rules.Value {
	if i < len(EventFields) {
		return EventFields[i].Value(o.e)
	}
	if i -= len(EventFields); i < len(agentFields) {
		return agentFields[i].get(&o.e.Client.Agent)
	}
	return baselineFields[i-len(agentFields)].get(o)
}

// Value reads a field of an event for the rules language.
func (f *EventField) Value(e *Event) rules.Value {
	switch {
	case f.Text != nil:
		s := *f.Text(e)
		return textValue(s, s != "")
	case f.Word != nil:
		w := *f.Word(e)
		if w == 0 || int(w) > len(f.Enum) {
			return rules.Value{}
		}
		return textValue(f.Enum[w-1], true)
	case f.Flag != nil:
		b := *f.Flag(e)
		return boolValue(b == True, b != Absent)
	case f.Whole != nil:
		w := f.Whole(e)
		return intValue(w.V, w.Set)
	case f.Real != nil:
		r := f.Real(e)
		return rules.Value{Present: r.Set, Num: r.V}
	case f.Moment != nil:
		m := f.Moment(e)
		return intValue(e.TimeMS-m.MS, m.Set)
	case f.IP != nil:
		a := *f.IP(e)
		return rules.Value{Present: a.IsValid(), IP: a}
	case f.Texts != nil:
		l := *f.Texts(e)
		return rules.Value{Present: len(l) > 0, Strs: l}
	}
	set := *f.Set(e)
	return rules.Value{Present: e.Client.Geo.Build != "", Strs: anonymousWords[set]}
}

// Assign writes a field of an event, for inline tests. An absent value makes the field absent.
func (f *EventField) Assign(e *Event, v rules.Value) {
	switch {
	case f.Text != nil:
		*f.Text(e) = v.Str
	case f.Word != nil:
		*f.Word(e) = 0
		if v.Present {
			*f.Word(e) = Enum(index(f.Enum, v.Str) + 1)
		}
	case f.Flag != nil:
		*f.Flag(e) = flagOf(v)
	case f.Whole != nil:
		*f.Whole(e) = Whole{v.Int, v.Present}
	case f.Real != nil:
		*f.Real(e) = Real{v.Num, v.Present}
	case f.Moment != nil:
		*f.Moment(e) = Moment{}
		if v.Present {
			*f.Moment(e) = Moment{e.TimeMS - v.Int, true}
		}
	case f.IP != nil:
		*f.IP(e) = v.IP.Unmap().WithZone("")
	case f.Texts != nil:
		*f.Texts(e) = v.Strs
	default:
		*f.Set(e) = 0
		for _, w := range v.Strs {
			*f.Set(e) |= 1 << index(f.Enum, w)
		}
	}
}

func flagOf(v rules.Value) Flag {
	switch {
	case !v.Present:
		return Absent
	case v.Bool:
		return True
	}
	return False
}

// anonymousWords holds the words of every set of kinds, so that reading one does not allocate.
var anonymousWords = func() (sets [1 << 6][]string) {
	for set := range sets {
		for bit, w := range AnonymousKinds {
			if set>>bit&1 == 1 {
				sets[set] = append(sets[set], w)
			}
		}
	}
	return sets
}()

// index gives the place of a word in a list, 0 for one that it does not have.
func index(list []string, word string) int {
	for i, w := range list {
		if w == word {
			return i
		}
	}
	return 0
}

func textValue(s string, present bool) rules.Value { return rules.Value{Present: present, Str: s} }
func intValue(n int64, present bool) rules.Value   { return rules.Value{Present: present, Int: n} }
func boolValue(b, present bool) rules.Value        { return rules.Value{Present: present, Bool: b} }
