package detector

// EventType is one of the types of a session event.
type EventType uint8

// The event types, in the order of EventTypes.
const (
	UnknownType EventType = iota
	SessionCreated
	SessionPresented
	SessionRenewed
	SessionPrivilegeChanged
	SessionEnded
	SessionUnknownID
	AuthFailed
	AuthReauthenticated
	TokenRefreshed
	TokenReuseDetected
	CredentialChanged
	FactorChanged
	AccountDisabled
	ActionRequested
	ActionCompleted
	PlaceObserved
	CommandAcknowledged
	VerdictRecorded
	OperatorControl
	ObservationVerdict
	Tick
	SessionObservation
	NumEventTypes = int(iota)
)

// EventTypes holds the names; index 0 is "", the unknown type.
var EventTypes = [NumEventTypes]string{"",
	"session.created", "session.presented", "session.renewed", "session.privilege_changed", "session.ended", "session.unknown_id",
	"auth.failed", "auth.reauthenticated", "token.refreshed", "token.reuse_detected", "credential.changed", "factor.changed",
	"account.disabled", "action.requested", "action.completed", "place.observed", "command.acknowledged", "verdict.recorded",
	"operator.control", "observation.verdict", "tick", "session.observation",
}

func (t EventType) String() string { return EventTypes[t] }

// ParseEventType gives the type of a name; UnknownType for a name that is not listed.
func ParseEventType(name string) EventType {
	for i := 1; i < NumEventTypes; i++ {
		if EventTypes[i] == name {
			return EventType(i)
		}
	}
	return UnknownType
}

// The closed sets of words; an Enum counts them from 1.
var (
	SessionKinds   = []string{"browser", "mobile_app", "api"}
	Transports     = []string{"cookie", "header", "url", "form"}
	Integrities    = []string{"ok", "modified", "unknown"}
	EndReasons     = []string{"logout", "idle", "absolute", "revoked", "superseded", "account_disabled"}
	Bindings       = []string{"valid", "failed", "missing", "skipped"}
	CSRFs          = []string{"ok", "missing", "invalid"}
	Sensitivities  = []string{"low", "normal", "high", "critical"}
	ActionKinds    = []string{"transfer", "payee", "limit", "contact", "factor", "export", "other"}
	PlaceKinds     = []string{"card_present", "atm", "branch", "travel_notice"}
	Outcomes       = []string{"success", "failure"}
	Results        = []string{"applied", "already_ended", "unknown_session", "rejected", "expired", "failed"}
	Labels         = []string{"true_positive", "false_positive", "unsure"}
	Controls       = []string{"revoke_session", "revoke_user_sessions", "trust", "resume_brake"}
	Paths          = []string{"move", "start", "handover", "twin", "use", "found", "relay", "hop"}
	Knowledge      = []string{"egress", "handover", "twin", "relay"}
	AnonymousKinds = []string{"vpn", "tor", "public_proxy", "residential_proxy", "hosting", "relay"}
)

// The words that the engine decides by, as Enums of the lists above.
const (
	KindBrowser   Enum = 1
	KindMobileApp Enum = 2
	KindAPI       Enum = 3

	EndLogout          Enum = 1
	EndIdle            Enum = 2
	EndAbsolute        Enum = 3
	EndRevoked         Enum = 4
	EndSuperseded      Enum = 5
	EndAccountDisabled Enum = 6

	IntegrityModified Enum = 2

	TransportCookie Enum = 1
	TransportHeader Enum = 2
	TransportURL    Enum = 3
	TransportForm   Enum = 4

	BindingValid   Enum = 1
	BindingFailed  Enum = 2
	BindingMissing Enum = 3
	BindingSkipped Enum = 4

	CSRFOK Enum = 1

	ActionTransfer Enum = 1
	ActionPayee    Enum = 2
	ActionLimit    Enum = 3
	ActionContact  Enum = 4
	ActionFactor   Enum = 5
	ActionExport   Enum = 6

	PlaceCard         Enum = 1
	PlaceATM          Enum = 2
	PlaceBranch       Enum = 3
	PlaceTravelNotice Enum = 4

	SensitivityHigh     Enum = 3
	SensitivityCritical Enum = 4

	OutcomeSuccess Enum = 1
	OutcomeFailure Enum = 2

	ResultApplied  Enum = 1
	ResultEnded    Enum = 2
	ResultUnknown  Enum = 3
	ResultRejected Enum = 4
	ResultExpired  Enum = 5
	ResultFailed   Enum = 6

	LabelTruePositive  Enum = 1
	LabelFalsePositive Enum = 2

	PathMove     Enum = 1
	PathStart    Enum = 2
	PathHandover Enum = 3
	PathTwin     Enum = 4
	PathUse      Enum = 5
	PathFound    Enum = 6
	PathRelay    Enum = 7
	PathHop      Enum = 8

	KnowsEgress   Enum = 1
	KnowsHandover Enum = 2
	KnowsTwin     Enum = 3
	KnowsRelay    Enum = 4

	ControlRevokeSession Enum = 1
	ControlRevokeUser    Enum = 2
	ControlTrust         Enum = 3
	ControlResumeBrake   Enum = 4
)

// Browser is a browser family, or the family of an app or script that the field knows by name.
type Browser uint8

// The families. OtherBrowser has its name in Agent.Name.
const (
	UnknownBrowser Browser = iota
	OtherBrowser
	Chrome
	Edge
	Firefox
	Safari
	Opera
	SamsungInternet
	Brave
	Vivaldi
	Yandex
	Whale
	UCBrowser
	MiuiBrowser
	DuckDuckGo
	AndroidWebview
	AppleWebview
	InternetExplorer
	HeadlessChrome
	Curl
	Wget
	PythonRequests
	GoHTTP
	Java
	Axios
	OkHTTP
	Postman
	CFNetwork
	Script      // another program: httpx, aiohttp, Scrapy and the like; its name is in Agent.Name
	NumBrowsers = int(iota)
)

var browserNames = [NumBrowsers]string{"unknown", "other", "Chrome", "Edge", "Firefox", "Safari", "Opera", "Samsung Internet", "Brave", "Vivaldi",
	"Yandex Browser", "Whale", "UC Browser", "MiuiBrowser", "DuckDuckGo", "Android WebView", "iOS web view", "Internet Explorer", "HeadlessChrome",
	"curl", "Wget", "python-requests", "Go-http-client", "Java", "axios", "okhttp", "PostmanRuntime", "CFNetwork", "script"}

func (b Browser) String() string { return browserNames[b] }

// EngineFamily is a rendering engine.
type EngineFamily uint8

// The engines. NoEngine is a program that renders nothing.
const (
	UnknownEngine EngineFamily = iota
	Blink
	WebKit
	Gecko
	Trident
	NoEngine
	NumEngines = int(iota)
)

var engineNames = [NumEngines]string{"unknown", "Blink", "WebKit", "Gecko", "Trident", "none"}

func (e EngineFamily) String() string { return engineNames[e] }

// OS is an operating-system family.
type OS uint8

// The families.
const (
	UnknownOS OS = iota
	Windows
	MacOS
	Linux
	ChromeOS
	Android
	IOS // also iPadOS
	HarmonyOS
	OtherOS
	NumOS = int(iota)
)

var osNames = [NumOS]string{"unknown", "Windows", "macOS", "Linux", "ChromeOS", "Android", "iOS", "HarmonyOS", "other"}

func (o OS) String() string { return osNames[o] }

// DeviceClass is what a person holds.
type DeviceClass uint8

// The classes.
const (
	UnknownDevice DeviceClass = iota
	Desktop
	Phone
	Tablet
	NumDevices = int(iota)
)

var deviceNames = [NumDevices]string{"unknown", "desktop", "phone", "tablet"}

func (d DeviceClass) String() string { return deviceNames[d] }
