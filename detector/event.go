package detector

import "net/netip"

// Event is one session event (contracts: docs/events.md), decoded and enriched. It is flat and reused: a decoder
// fills it, the engine reads it, and the next event overwrites it.
//
// Strings alias the decoder's buffer and are valid until that buffer is reused; the engine keeps none of them.
// Absent is a value: "" for text, 0 for an Enum, !Set for a number, 0 for a Flag, an invalid netip.Addr.
type Event struct {
	ID, Source string
	Type       EventType
	TypeName   string // as it came, also when Type is UnknownType
	TimeMS     int64  // Unix milliseconds, event time
	Dropped    int    // optional fields that came with a wrong JSON type and count as absent
	Clamped    bool   // TimeMS was set to the record's timestamp, which it was far ahead of
	Record     Record

	Tenant     string
	Session    Session
	User       User
	Auth       Auth
	Client     Client
	Device     Device
	Token      Token
	HTTP       HTTP
	Action     RequestedAction
	Place      BankPlace
	Outcome    Enum // Outcomes
	Reason     string
	Background Flag
	Command    Acknowledgement
	Verdict    Verdict
	Control    Control

	Observation Observation
}

// Record is where an event stands in the log. In replay the partition is 0 and the offset the file's line, from 1.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	TimeMS    int64 // the broker's timestamp, Unix ms; 0: none (replay)
	Key       string
	Misrouted bool // murmur2(key) does not give Partition
}

// Enum is a word of a closed set, counted from 1 in the order of its list; 0 is absent or a word that the list
// does not have.
type Enum uint8

// Flag is a boolean that may be absent.
type Flag uint8

// The values of a Flag.
const (
	Absent Flag = iota
	False
	True
)

// Whole is an integer that may be absent.
type Whole struct {
	V   int64
	Set bool
}

// Real is a number that may be absent.
type Real struct {
	V   float64
	Set bool
}

// Moment is a time in Unix milliseconds that may be absent.
type Moment struct {
	MS  int64
	Set bool
}

// Session is `data.session`.
type Session struct {
	ID, PreviousID   string
	CreatedAt        Moment
	Kind             Enum // SessionKinds
	Transport        Enum // Transports
	IDBits           Whole
	CookieSecure     Flag
	CookieHTTPOnly   Flag
	CookieSameSite   string
	CookieHostPrefix Flag
	Seq              Whole
	Integrity        Enum // Integrities
	EndReason        Enum // EndReasons
}

// User is `data.user`.
type User struct {
	ID      string
	Roles   []string
	Segment string
	ActorID string
}

// Auth is `data.auth`.
type Auth struct {
	Time    Moment
	Methods []string
	ACR     string
	AAL     Whole
}

// Client is `data.client`, with what enrichment adds: Geo and Agent.
type Client struct {
	IP              netip.Addr // unmapped, without zone
	UserAgent       string
	Brands          []Brand
	Mobile          Flag
	Platform        string
	PlatformVersion string
	Model           string
	AcceptLanguage  string
	Timezone        string
	Screen          string
	JA4             string
	RTTMS           Real
	ForwardedFor    []string
	Geo             Geo   // as looked up; before enrichment, the producer's claim
	Agent           Agent // parsed from UserAgent and the hints
}

// Brand is one of `client.hints.brands`.
type Brand struct{ Brand, Version string }

// Geo is what is known of an address.
type Geo struct {
	Lat, Lon         Real // degrees
	AccuracyRadiusKM Real // 67 % of addresses are inside (MaxMind)
	Country          string
	Region, City     string
	ASN              Whole
	ASOrg            string
	Connection       string // MaxMind's words: Cable/DSL, Cellular, Corporate, Satellite
	Anonymous        Anonymous
	Anycast          Flag
	// Build names the database: its build date, or "event" where the event itself said so. "": nothing was looked up.
	Build string
}

// Anonymous is a set of kinds of anonymising network.
type Anonymous uint8

// The members, in the order of AnonymousKinds.
const (
	VPN Anonymous = 1 << iota
	Tor
	PublicProxy
	ResidentialProxy
	Hosting
	Relay
)

// Agent is the client as its user agent and hints describe it. The zero Agent is unknown.
type Agent struct {
	Browser      Browser // family, as the user agent says
	Brand        Browser // the family that the client hints name; UnknownBrowser when they name none
	Name         string  // of a family that Browser does not list: an app's or script's own name; aliases the event or a cache
	Major        uint16  // of the browser; 0 unknown
	Engine       EngineFamily
	OS           OS
	OSMajor      uint16 // 0 unknown, or frozen by user-agent reduction
	Device       DeviceClass
	Reduced      bool // a reduced user agent: OS version, model and minor version say nothing
	Webview      bool
	Scripted     bool   // a program, not a person's browser or app
	Headless     bool   // a browser driven by a program
	OtherVersion bool   // the hints name another version of Chromium than the user agent
	DesktopSite  bool   // a phone or tablet that asks for the desktop site, as its hints give away
	Hash         uint64 // of user agent and hints together; 0: neither was sent
}

// Device is `data.device`.
type Device struct {
	ID, AppVersion string
	Binding        Enum // Bindings
	KeyThumbprint  string
	Flags          []string
}

// Token is `data.token`.
type Token struct {
	Family, ID string
	Generation Whole
}

// HTTP is `data.http`.
type HTTP struct {
	Method, Path, Scheme, SecFetchSite string
	CSRF                               Enum // CSRFs
}

// RequestedAction is `data.action`.
type RequestedAction struct {
	Name        string
	Sensitivity Enum // Sensitivities
	Kind        Enum // ActionKinds
	Amount      Real
	Currency    string
}

// BankPlace is `data.place`: where the bank itself saw the customer.
type BankPlace struct {
	Lat, Lon, RadiusKM Real
	Kind               Enum // PlaceKinds
}

// Acknowledgement is `data.command`.
type Acknowledgement struct {
	ID     string
	Result Enum // Results
}

// Verdict is `data.verdict`.
type Verdict struct {
	DecisionID string
	Label      Enum // Labels
	By         string
}

// Control is `data.control`.
type Control struct {
	Do      Enum // Controls
	Until   Moment
	By, Why string
}

// Observation is `data.observation`: what the two stages of detection tell each other. A session.observation brings to the second stage what a
// customer's event showed; an observation.verdict brings back what is known there. Both carry the event's tenant, session, user and client.
type Observation struct {
	Key                  string // what is counted: "ip:<prefix>", "asn:<number>", "sid:<session id>" or "tok:<family>" (without a family, the session id)
	Of                   string // the type of the customer's event
	EventID, EventSource string // of the customer's event
	Rule                 string // of a verdict: the rule that fired
	Network              string // of a verdict: the network that it is about, as a prefix
	Count                Whole  // what was counted
	WindowS              Whole  // in how many seconds
	Score                Whole  // of an observation: the score of what the first stage found by itself; absent: nothing
	AskAll               Flag   // of an observation of a session: every partition may be told
	FirstUser            Flag   // of a verdict of a session: the user was told of before, and nobody earlier
	SinceMS              Whole  // of a verdict of token_reuse: ms between the two showings; absent: there is nothing to compare with
	Client               string // likewise: same, another or unknown
	SuccessorShown       Flag   // likewise: a later token of the family was shown before
	Lost                 Flag   // likewise: an answer may have been lost
	Path                 Enum   // Paths: the way that the user's unchanged client took to the network or provider
	FromASN              Whole  // of a way: the other provider
	HomeLat, HomeLon     Real   // where the user's sessions usually are, in degrees, to a tenth
	HomeCountry          string
	HomeCity             string
	Knows                Enum   // Knowledge: of a verdict for all partitions: what is known
	ASN                  Whole  // of such a verdict: the provider that it is about, where it is about no network
	LearnedAt, Until     Moment // of such a verdict: only sessions that begin between the two profit
	LearnedFrom, Homes   Whole  // of such a verdict: users and homes from which it was learned
	Version              Whole  // of such a verdict: of two the one with the greater counts
	Sight                string // Sights: how the user came to be on the network
	ClientChanged        Flag   // of a newcomer: whether the session's own client is another
	LookChanged          Flag   // of a newcomer: whether the session's own client is another, or has another language, time zone or screen
	Devices              Whole  // of the count: how many were the first of their device
	Users                Whole  // of a verdict: how many of the count honest customers would explain
	Look                 string // what the client looks like, as a keyed hash
	AgeS                 Whole  // how many seconds before the session had begun
	Answered             string // of a finding passed on: the action that it was answered with; "": none
	CommandID            string // likewise, the command that was sent
}

// Reset makes an event absent in every field and keeps the memory of its lists.
func (e *Event) Reset() {
	roles, methods := e.User.Roles[:0], e.Auth.Methods[:0]
	brands, hops, flags := e.Client.Brands[:0], e.Client.ForwardedFor[:0], e.Device.Flags[:0]
	*e = Event{}
	e.User.Roles, e.Auth.Methods = roles, methods
	e.Client.Brands, e.Client.ForwardedFor, e.Device.Flags = brands, hops, flags
}
