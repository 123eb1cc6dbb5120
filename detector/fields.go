package detector

import (
	"net/netip"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// EventField is one field of a session event. This one table feeds the decoder, the rules language, the JSON
// schema and the generated documentation; nothing else lists the fields.
//
// Exactly one of the accessors is set; it says where the field lives in an Event, for reading and for writing.
type EventField struct {
	rules.Field        // Name is the JSON path without "data."
	Attribute   bool   // a CloudEvents attribute: it stands at the top of the JSON, not under "data"
	JSON        string // the JSON type, where it is not the obvious one of Type: "RFC 3339 time"

	Text   func(*Event) *string
	Word   func(*Event) *Enum // one of Enum
	Flag   func(*Event) *Flag
	Whole  func(*Event) *Whole
	Real   func(*Event) *Real
	Moment func(*Event) *Moment
	IP     func(*Event) *netip.Addr
	Texts  func(*Event) *[]string
	Set    func(*Event) *Anonymous // of words, Enum in bit order
}

// Present tells whether an event, fresh from its publisher, carries the field: not null, not empty, and of a closed list a
// word that it has.
func (f *EventField) Present(e *Event) bool {
	if f.Set != nil { // to the rules an empty set is present once the address was looked up
		return *f.Set(e) != 0
	}
	return f.Value(e).Present
}

// EventFields is the table, in the order of the documentation. client.hints.brands, a list of objects, is the one
// field that stands outside it: it is no value of the rules language.
var EventFields = []EventField{
	{Field: text("id", "identifies the event together with source: a repeat is recognised and not evaluated again"), Attribute: true, Text: func(e *Event) *string { return &e.ID }},
	{Field: text("source", "the app that published the event, as a URI reference; /sessionguard/... is reserved"), Attribute: true, Text: func(e *Event) *string { return &e.Source }},
	{Field: text("type", "the kind of event, for instance session.presented", EventTypes[1:]...), Attribute: true, Text: func(e *Event) *string { return &e.TypeName }},
	{Field: text("tenant", "the brand or bank; the same id in two tenants is two"), Text: func(e *Event) *string { return &e.Tenant }},

	{Field: text("session.id", "an opaque handle of the session, never the bearer secret"), Text: func(e *Event) *string { return &e.Session.ID }},
	{Field: text("session.previous_id", "the handle before a rotation"), Text: func(e *Event) *string { return &e.Session.PreviousID }},
	{Field: moment("session.created_at", "when the session began"), JSON: timeJSON, Moment: func(e *Event) *Moment { return &e.Session.CreatedAt }},
	{Field: text("session.kind", "what holds the session", SessionKinds...), Word: func(e *Event) *Enum { return &e.Session.Kind }},
	{Field: text("session.transport", "how the client shows the session's id", Transports...), Word: func(e *Event) *Enum { return &e.Session.Transport }},
	{Field: whole("session.id_bits", "bit", "entropy of the session's id, as the app attests"), Whole: func(e *Event) *Whole { return &e.Session.IDBits }},
	{Field: flag("session.cookie.secure", "the cookie has Secure"), Flag: func(e *Event) *Flag { return &e.Session.CookieSecure }},
	{Field: flag("session.cookie.http_only", "the cookie has HttpOnly"), Flag: func(e *Event) *Flag { return &e.Session.CookieHTTPOnly }},
	{Field: text("session.cookie.same_site", "the cookie's SameSite"), Text: func(e *Event) *string { return &e.Session.CookieSameSite }},
	{Field: flag("session.cookie.host_prefix", "the cookie's name begins with __Host-"), Flag: func(e *Event) *Flag { return &e.Session.CookieHostPrefix }},
	{Field: whole("session.seq", "", "the client's own counter of requests"), Whole: func(e *Event) *Whole { return &e.Session.Seq }},
	{Field: text("session.integrity", "whether the cookie came back as it was set", Integrities...), Word: func(e *Event) *Enum { return &e.Session.Integrity }},
	{Field: text("session.end_reason", "why the session ended", EndReasons...), Word: func(e *Event) *Enum { return &e.Session.EndReason }},

	{Field: text("user.id", "the customer"), Text: func(e *Event) *string { return &e.User.ID }},
	{Field: texts("user.roles", "the customer's roles"), Texts: func(e *Event) *[]string { return &e.User.Roles }},
	{Field: text("user.segment", "the customer's segment, for rules"), Text: func(e *Event) *string { return &e.User.Segment }},
	{Field: text("user.actor_id", "who acts in the customer's name (RFC 8693 act); never a second user"), Text: func(e *Event) *string { return &e.User.ActorID }},

	{Field: moment("auth.time", "when the customer last authenticated"), JSON: timeJSON, Moment: func(e *Event) *Moment { return &e.Auth.Time }},
	{Field: texts("auth.methods", "how (RFC 8176 amr)"), Texts: func(e *Event) *[]string { return &e.Auth.Methods }},
	{Field: text("auth.acr", "authentication context class"), Text: func(e *Event) *string { return &e.Auth.ACR }},
	{Field: whole("auth.aal", "", "authenticator assurance level, 1 to 3 (NIST SP 800-63B)"), Whole: func(e *Event) *Whole { return &e.Auth.AAL }},

	{Field: rules.Field{Name: "client.ip", Type: rules.IP, Doc: "the client's address, after trusted proxies", Test: true}, IP: func(e *Event) *netip.Addr { return &e.Client.IP }},
	{Field: text("client.user_agent", "the User-Agent header; parsed up to 1 KiB"), Text: func(e *Event) *string { return &e.Client.UserAgent }},
	{Field: flag("client.hints.mobile", "Sec-CH-UA-Mobile"), Flag: func(e *Event) *Flag { return &e.Client.Mobile }},
	{Field: text("client.hints.platform", "Sec-CH-UA-Platform"), Text: func(e *Event) *string { return &e.Client.Platform }},
	{Field: text("client.hints.platform_version", "Sec-CH-UA-Platform-Version"), Text: func(e *Event) *string { return &e.Client.PlatformVersion }},
	{Field: text("client.hints.model", "Sec-CH-UA-Model"), Text: func(e *Event) *string { return &e.Client.Model }},
	{Field: text("client.accept_language", "the Accept-Language header"), Text: func(e *Event) *string { return &e.Client.AcceptLanguage }},
	{Field: text("client.timezone", "the client's IANA time zone"), Text: func(e *Event) *string { return &e.Client.Timezone }},
	{Field: text("client.screen", "the client's screen, as the app writes it"), Text: func(e *Event) *string { return &e.Client.Screen }},
	{Field: text("client.ja4", "JA4 of the client's TLS hello"), Text: func(e *Event) *string { return &e.Client.JA4 }},
	{Field: real("client.rtt_ms", "ms", "round-trip time to the client at the edge"), Real: func(e *Event) *Real { return &e.Client.RTTMS }},
	{Field: texts("client.forwarded_for", "the addresses of X-Forwarded-For"), Texts: func(e *Event) *[]string { return &e.Client.ForwardedFor }},
	{Field: real("client.geo.lat", "degree", "latitude"), Real: func(e *Event) *Real { return &e.Client.Geo.Lat }},
	{Field: real("client.geo.lon", "degree", "longitude"), Real: func(e *Event) *Real { return &e.Client.Geo.Lon }},
	{Field: real("client.geo.accuracy_radius_km", "km", "67 % of the addresses with this record are inside (MaxMind)"), Real: func(e *Event) *Real { return &e.Client.Geo.AccuracyRadiusKM }},
	{Field: rules.Field{Name: "client.geo.country", Type: rules.Country, Doc: "ISO 3166-1 alpha-2 code", Test: true}, Text: func(e *Event) *string { return &e.Client.Geo.Country }},
	{Field: text("client.geo.region", "first subdivision"), Text: func(e *Event) *string { return &e.Client.Geo.Region }},
	{Field: text("client.geo.city", "city"), Text: func(e *Event) *string { return &e.Client.Geo.City }},
	{Field: rules.Field{Name: "client.geo.asn", Type: rules.ASN, Doc: "autonomous system number", Test: true}, Whole: func(e *Event) *Whole { return &e.Client.Geo.ASN }},
	{Field: text("client.geo.as_org", "organisation of the autonomous system"), Text: func(e *Event) *string { return &e.Client.Geo.ASOrg }},
	{Field: text("client.geo.connection_type", "Cable/DSL, Cellular, Corporate or Satellite (MaxMind)"), Text: func(e *Event) *string { return &e.Client.Geo.Connection }},
	{Field: rules.Field{Name: "client.geo.anonymous", Type: rules.Strings, Enum: AnonymousKinds, Doc: "kinds of anonymising network", Test: true}, Set: func(e *Event) *Anonymous { return &e.Client.Geo.Anonymous }},
	{Field: flag("client.geo.is_anycast", "an anycast network: it has no place"), Flag: func(e *Event) *Flag { return &e.Client.Geo.Anycast }},

	{Field: text("device.id", "the device, as the app knows it"), Text: func(e *Event) *string { return &e.Device.ID }},
	{Field: text("device.app_version", "version of the app"), Text: func(e *Event) *string { return &e.Device.AppVersion }},
	{Field: text("device.binding", "the result of the device-binding proof", Bindings...), Word: func(e *Event) *Enum { return &e.Device.Binding }},
	{Field: text("device.key_thumbprint", "thumbprint of the bound key"), Text: func(e *Event) *string { return &e.Device.KeyThumbprint }},
	{Field: rules.Field{Name: "device.flags", Type: rules.Strings, Doc: "what the app saw on the device: remote_control, overlay, accessibility, rooted", Test: true}, Texts: func(e *Event) *[]string { return &e.Device.Flags }},

	{Field: text("token.family", "the refresh token's family"), Text: func(e *Event) *string { return &e.Token.Family }},
	{Field: text("token.id", "an opaque handle of the token presented"), Text: func(e *Event) *string { return &e.Token.ID }},
	{Field: whole("token.generation", "", "the presented token's generation"), Whole: func(e *Event) *Whole { return &e.Token.Generation }},

	{Field: text("http.method", "the request's method"), Text: func(e *Event) *string { return &e.HTTP.Method }},
	{Field: text("http.path", "the request's path, without its query"), Text: func(e *Event) *string { return &e.HTTP.Path }},
	{Field: text("http.scheme", "http or https"), Text: func(e *Event) *string { return &e.HTTP.Scheme }},
	{Field: text("http.sec_fetch_site", "the Sec-Fetch-Site header"), Text: func(e *Event) *string { return &e.HTTP.SecFetchSite }},
	{Field: text("http.csrf", "the result of the app's CSRF check", CSRFs...), Word: func(e *Event) *Enum { return &e.HTTP.CSRF }},

	{Field: text("action.name", "the action's own name"), Text: func(e *Event) *string { return &e.Action.Name }},
	{Field: text("action.sensitivity", "how much harm it can do", Sensitivities...), Word: func(e *Event) *Enum { return &e.Action.Sensitivity }},
	{Field: text("action.kind", "what it does", ActionKinds...), Word: func(e *Event) *Enum { return &e.Action.Kind }},
	{Field: real("action.amount", "", "the amount, in action.currency"), Real: func(e *Event) *Real { return &e.Action.Amount }},
	{Field: text("action.currency", "ISO 4217 code"), Text: func(e *Event) *string { return &e.Action.Currency }},

	{Field: real("place.lat", "degree", "latitude of where the bank saw the customer"), Real: func(e *Event) *Real { return &e.Place.Lat }},
	{Field: real("place.lon", "degree", "longitude of it"), Real: func(e *Event) *Real { return &e.Place.Lon }},
	{Field: real("place.radius_km", "km", "how exactly it is known"), Real: func(e *Event) *Real { return &e.Place.RadiusKM }},
	{Field: text("place.kind", "how the bank knows", PlaceKinds...), Word: func(e *Event) *Enum { return &e.Place.Kind }},

	{Field: text("outcome", "whether it succeeded; of session.presented: whether the app accepted it", Outcomes...), Word: func(e *Event) *Enum { return &e.Outcome }},
	{Field: text("reason", "why, in the app's words"), Text: func(e *Event) *string { return &e.Reason }},
	{Field: flag("background", "no person behind it: it updates nothing that a rule judges and triggers nothing"), Flag: func(e *Event) *Flag { return &e.Background }},

	{Field: text("command.id", "the command that is acknowledged"), Text: func(e *Event) *string { return &e.Command.ID }},
	{Field: text("command.result", "what became of it", Results...), Word: func(e *Event) *Enum { return &e.Command.Result }},
	{Field: text("verdict.decision_id", "the decision that an analyst judged"), Text: func(e *Event) *string { return &e.Verdict.DecisionID }},
	{Field: text("verdict.label", "the analyst's judgement", Labels...), Word: func(e *Event) *Enum { return &e.Verdict.Label }},
	{Field: text("verdict.by", "the analyst"), Text: func(e *Event) *string { return &e.Verdict.By }},
	{Field: text("control.do", "what a person orders", Controls...), Word: func(e *Event) *Enum { return &e.Control.Do }},
	{Field: moment("control.until", "until when"), JSON: timeJSON, Moment: func(e *Event) *Moment { return &e.Control.Until }},
	{Field: text("control.by", "who"), Text: func(e *Event) *string { return &e.Control.By }},
	{Field: text("control.why", "why"), Text: func(e *Event) *string { return &e.Control.Why }},

	{Field: between("observation.key", "what is counted: ip:<prefix>, asn:<number>, sid:<session id>, tok:<family>"), Text: func(e *Event) *string { return &e.Observation.Key }},
	{Field: between("observation.of", "the type of the customer's event"), Text: func(e *Event) *string { return &e.Observation.Of }},
	{Field: between("observation.event_id", "the id of the customer's event"), Text: func(e *Event) *string { return &e.Observation.EventID }},
	{Field: between("observation.event_source", "the source of the customer's event"), Text: func(e *Event) *string { return &e.Observation.EventSource }},
	{Field: between("observation.rule", "of a verdict: the rule that fired"), Text: func(e *Event) *string { return &e.Observation.Rule }},
	{Field: between("observation.network", "of a verdict: the network that it is about"), Text: func(e *Event) *string { return &e.Observation.Network }},
	{Field: plainWhole("observation.count", "of a verdict: what was counted"), Whole: func(e *Event) *Whole { return &e.Observation.Count }},
	{Field: rules.Field{Name: "observation.window_s", Type: rules.Integer, Unit: "s", Doc: "of a verdict: in how long"}, Whole: func(e *Event) *Whole { return &e.Observation.WindowS }},
	{Field: plainWhole("observation.score", "the score of what the first stage found by itself"), Whole: func(e *Event) *Whole { return &e.Observation.Score }},
	{Field: rules.Field{Name: "observation.ask_all", Type: rules.Bool, Doc: "of a session: every partition may be told"}, Flag: func(e *Event) *Flag { return &e.Observation.AskAll }},
	{Field: rules.Field{Name: "observation.first_user", Type: rules.Bool, Doc: "of a verdict of a session: the user was told of before, and nobody earlier"}, Flag: func(e *Event) *Flag { return &e.Observation.FirstUser }},
	{Field: rules.Field{Name: "observation.since_ms", Type: rules.Integer, Unit: "ms", Doc: "of a verdict of token_reuse: time between the two showings"}, Whole: func(e *Event) *Whole { return &e.Observation.SinceMS }},
	{Field: between("observation.client", "likewise: same, another or unknown, held against who showed the token first"), Text: func(e *Event) *string { return &e.Observation.Client }},
	{Field: rules.Field{Name: "observation.successor_shown", Type: rules.Bool, Doc: "likewise: a later token of the family was shown before"}, Flag: func(e *Event) *Flag { return &e.Observation.SuccessorShown }},
	{Field: rules.Field{Name: "observation.lost", Type: rules.Bool, Doc: "likewise: an answer may have been lost"}, Flag: func(e *Event) *Flag { return &e.Observation.Lost }},
	{Field: betweenWord("observation.path", "the way that the user's unchanged client took there", Paths), Word: func(e *Event) *Enum { return &e.Observation.Path }},
	{Field: rules.Field{Name: "observation.from_asn", Type: rules.ASN, Doc: "of a way: the other provider"}, Whole: func(e *Event) *Whole { return &e.Observation.FromASN }},
	{Field: rules.Field{Name: "observation.home.lat", Type: rules.Number, Unit: "degree", Doc: "where the user's sessions usually are, to a tenth of a degree"}, Real: func(e *Event) *Real { return &e.Observation.HomeLat }},
	{Field: rules.Field{Name: "observation.home.lon", Type: rules.Number, Unit: "degree", Doc: "likewise"}, Real: func(e *Event) *Real { return &e.Observation.HomeLon }},
	{Field: between("observation.home.country", "likewise: the country"), Text: func(e *Event) *string { return &e.Observation.HomeCountry }},
	{Field: between("observation.home.city", "likewise: the city"), Text: func(e *Event) *string { return &e.Observation.HomeCity }},
	{Field: betweenWord("observation.knows", "of a verdict for all: what is known", Knowledge), Word: func(e *Event) *Enum { return &e.Observation.Knows }},
	{Field: rules.Field{Name: "observation.asn", Type: rules.ASN, Doc: "of a verdict for all: the provider that it is about"}, Whole: func(e *Event) *Whole { return &e.Observation.ASN }},
	{Field: rules.Field{Name: "observation.learned_at", Type: rules.Duration, Unit: "ms", Doc: "of a verdict for all: sessions that began before do not profit"}, JSON: timeJSON, Moment: func(e *Event) *Moment { return &e.Observation.LearnedAt }},
	{Field: rules.Field{Name: "observation.until", Type: rules.Duration, Unit: "ms", Doc: "of a verdict for all: until when it counts"}, JSON: timeJSON, Moment: func(e *Event) *Moment { return &e.Observation.Until }},
	{Field: plainWhole("observation.learned_from", "of a verdict for all: users from whom it was learned"), Whole: func(e *Event) *Whole { return &e.Observation.LearnedFrom }},
	{Field: plainWhole("observation.homes", "of a verdict for all: homes far from each other"), Whole: func(e *Event) *Whole { return &e.Observation.Homes }},
	{Field: plainWhole("observation.version", "of a verdict for all: of two the greater counts"), Whole: func(e *Event) *Whole { return &e.Observation.Version }},
	{Field: between("observation.sight", "how the user came to be on the network: "+strings.Join(Sights, ", ")), Text: func(e *Event) *string { return &e.Observation.Sight }},
	{Field: rules.Field{Name: "observation.look_changed", Type: rules.Bool, Doc: "of a newcomer: whether the session's own client is another, or has another language, time zone or screen"}, Flag: func(e *Event) *Flag { return &e.Observation.LookChanged }},
	{Field: rules.Field{Name: "observation.client_changed", Type: rules.Bool, Doc: "of a newcomer: whether the session's own client is another"}, Flag: func(e *Event) *Flag { return &e.Observation.ClientChanged }},
	{Field: between("observation.look", "what the client looks like, as a keyed hash"), Text: func(e *Event) *string { return &e.Observation.Look }},
	{Field: plainWhole("observation.devices", "of the count: how many were the first of their device"), Whole: func(e *Event) *Whole { return &e.Observation.Devices }},
	{Field: plainWhole("observation.users", "of a verdict: how many of the count honest customers would explain"), Whole: func(e *Event) *Whole { return &e.Observation.Users }},
	{Field: between("observation.answered", "of a finding passed on: the action that it was answered with"), Text: func(e *Event) *string { return &e.Observation.Answered }},
	{Field: between("observation.command_id", "likewise, the command that was sent"), Text: func(e *Event) *string { return &e.Observation.CommandID }},
	{Field: rules.Field{Name: "observation.age_s", Type: rules.Integer, Unit: "s", Doc: "how long before the session had begun"}, Whole: func(e *Event) *Whole { return &e.Observation.AgeS }},
}

const timeJSON = "RFC 3339 time"

func text(name, doc string, words ...string) rules.Field {
	return rules.Field{Name: name, Type: rules.String, Enum: words, Doc: doc, Test: true}
}

// between is a text that the product's own stages tell each other: no test sets it.
func between(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.String, Doc: doc}
}

// betweenWord is likewise one of a list.
func betweenWord(name, doc string, words []string) rules.Field {
	return rules.Field{Name: name, Type: rules.String, Enum: words, Doc: doc}
}

func texts(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Strings, Doc: doc, Test: true}
}

func whole(name, unit, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Integer, Unit: unit, Doc: doc, Test: true}
}

func real(name, unit, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Number, Unit: unit, Doc: doc, Test: true}
}

func flag(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Bool, Doc: doc, Test: true}
}

// moment is a time; conditions see it as its age at the event, a duration.
func moment(name, doc string) rules.Field {
	return rules.Field{Name: name, Type: rules.Duration, Unit: "ms", Doc: doc + " (in conditions: how long ago)", Test: true}
}
