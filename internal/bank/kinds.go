package bank

// Who holds a perfect copy of a browser, with its cookies, had a program on the computer: infostealers run on Windows, some on macOS, and not on
// phones (Microsoft counted 394,000 Windows computers with Lumma from 16 March to 16 May 2025; MITRE ATT&CK T1539, T1555.003). Phishing kits take
// phones too, but bring no copy of the device.

// attackTable is how each kind goes. docs/simulator.md tells it in words.
var attackTable = [NumAttackKinds]attack{
	CookieTheftAbroad: {name: "cookie-theft-abroad", equip: equipAbroad},
	CookieTheftNearby: {name: "cookie-theft-same-city-other-browser", equip: equipNearby},
	ScriptedReplay:    {name: "scripted-replay", equip: equipScript, pause: [2]int64{300, 2_500}},
	TakingTurns:       {name: "taking-turns", equip: equipAnywhere, prey: staysLong, looks: [2]int64{4, 8}, pause: [2]int64{4_000, 16_000}},
	UseAfterLogout:    {name: "use-after-logout", equip: equipAfterEnd, prey: logsOut, after: "logout"},

	CookieTheftCloned:  {name: "cookie-theft-cloned-client", equip: equipCloned, device: onComputer, absent: carefulWait},
	ResidentialProxy:   {name: "residential-proxy", equip: equipProxied, device: onComputer, absent: carefulWait},
	HeadlessReplay:     {name: "headless-replay", equip: equipHeadless, pause: [2]int64{800, 6_000}},
	CopiedAgent:        {name: "copied-user-agent", equip: equipCopiedAgent, pause: [2]int64{500, 8_000}, absent: carefulWait},
	ClientDowngrade:    {name: "client-downgrade", equip: equipDowngraded, device: speaksHints, absent: carefulWait},
	InconsistentClient: {name: "inconsistent-client", equip: equipInconsistent, device: speaksHints, absent: carefulWait},
	SeveralDevices:     {name: "several-devices", equip: equipOtherDevice, device: onComputer, absent: carefulWait},
	AnonymizerEntered:  {name: "anonymizer-entered", equip: equipAnonymous, absent: carefulWait},
	HostingMove:        {name: "hosting-move", equip: equipRented, absent: carefulWait},
	KnownBadSource:     {name: "known-bad-source", equip: equipKnownBad, absent: carefulWait},
	DormantRevived:     {name: "dormant-revived", equip: equipAnywhere, prey: willLeave, absent: allWait, sleep: [2]int64{20 * 60_000, 90 * 60_000}},
	UseAfterExpiry:     {name: "use-after-expiry", equip: equipAfterEnd, prey: willLeave, after: "idle"},
	RotatedIDReplay:    {name: "rotated-id-replay", equip: equipRotated, prey: hasRotated, old: true},
	BoundCookieTheft:   {name: "bound-cookie-theft", equip: equipProxied, device: inBound, mark: withoutKey, absent: carefulWait},
	CookieTampered:     {name: "cookie-tampered", equip: equipNearCopy, mark: withChangedCookie},
	SharedByUsers:      {name: "session-shared-by-users", equip: equipOther},
	SessionFixation:    {name: "session-fixation", begin: plant, equip: equipNearby},
	KillChain:          {name: "kill-chain", equip: equipNearCopy, device: onComputer, looks: [2]int64{1, 3}, loot: []*operation{&stealLimit, &stealPayee, &stealTransfer}},
	FactorTakeover:     {name: "factor-takeover", equip: equipNearCopy, device: onComputer, looks: [2]int64{1, 3}, loot: []*operation{&stealFactor, &stealTransfer}},

	RefreshTokenReplay: {name: "refresh-token-replay", equip: equipEmulator, device: inApp, prey: hasRefreshed, enter: showStolenToken},
	CanarySession:      {name: "canary-session", begin: takeBait, looks: [2]int64{1, 3}, loot: []*operation{}},
	AiTMPhishing:       {name: "aitm-phishing", begin: phish, enter: logInByProxy},
	CredentialStuffing: {name: "credential-stuffing", begin: guess, enter: guessPasswords},
	StolenPassword:     {name: "stolen-password-abroad", begin: impersonate(equipLoginAbroad), enter: logIn},
	StolenPasswordNear: {name: "stolen-password-nearby", begin: impersonate(equipLoginNeighbour), enter: logIn,
		blind: "a key of the device at the login (device.key_thumbprint), or an attested device.id"},
	SessionFarm: {name: "session-farm", begin: impersonate(equipLoginNear), enter: logInOften},

	FleetTakeover:     {name: "fleet-takeover", fleet: [2]int64{50, 50}, absent: carefulWait, looks: [2]int64{4, 9}, pause: [2]int64{90_000, 300_000}, denied: shareDenied},
	FleetAlike:        {name: "fleet-takeover-alike", fleet: [2]int64{50, 50}, match: true, absent: carefulWait, looks: [2]int64{4, 9}, pause: [2]int64{90_000, 300_000}, denied: shareDenied},
	SilentFleet:       {name: "fleet-takeover-unseen", fleet: [2]int64{4, 8}, match: true, absent: allWait, looks: [2]int64{2, 4}, pause: [2]int64{60_000, 240_000}},
	SessionIDGuessing: {name: "session-id-guessing"},
	FixationClone: {name: "session-fixation-clone", begin: plant, equip: equipSameOperator, device: onComputer,
		blind: "device.binding: he has the customer's client and operator, as a copy of it there looks like the other address of her own line"},
	RefreshTokenElsewhere: {name: "refresh-token-elsewhere", equip: equipElsewhere, device: inApp, prey: hasRefreshed, enter: showStolenToken, mark: withoutUser,
		blind: "a refresh token that is bound to a key of the device, where the customer has left and shows no token any more"},

	DeviceMalware: {name: "device-malware", inside: true, device: inApp, prey: staysAMoment, mark: withFlags},
	SilentMalware: {name: "device-malware-unseen", inside: true, device: onComputer,
		blind: "device.flags, from an SDK in the page that sees remote control"},
	CrossSiteRequest: {name: "cross-site-request", inside: true, mark: crossSite, looks: [2]int64{-1, -1}},
	InhumanSpeed:     {name: "inhuman-speed", inside: true, looks: [2]int64{40, 80}, pause: [2]int64{80, 350}},
	UnattendedDevice: {name: "unattended-device", inside: true, device: onComputer, prey: willLeave, absent: allWait, sleep: [2]int64{30 * 60_000, 120 * 60_000},
		blind: "auth.time, with a max_age of stale-auth-for-sensitive-action of minutes, where the shipped one is 24 h"},
	SameNATClone: {name: "same-nat-clone", equip: equipSameNAT, prey: willLeave, absent: allWait,
		blind: "device.binding: a cookie that is bound to a key of the device"},
	SameOperatorClone: {name: "same-operator-clone", equip: equipSameOperator, prey: atHomeWillLeave, absent: allWait,
		blind: "device.binding: a cookie that is bound to a key of the device"},
}

func staysLong(_ *Bank, s *session) bool    { return !s.logout && s.left >= 8 }
func staysAMoment(_ *Bank, s *session) bool { return !s.logout && s.left >= 3 }
func logsOut(_ *Bank, s *session) bool      { return s.logout && s.left > 0 }
func willLeave(_ *Bank, s *session) bool    { return !s.logout }
func hasRotated(_ *Bank, s *session) bool   { return !s.logout && len(s.ids)-1 > s.loginID }
func hasRefreshed(_ *Bank, s *session) bool { return s.tokens.generation >= 2 || s.left >= 8 }

func atHomeWillLeave(_ *Bank, s *session) bool {
	return !s.logout && s.access.network == s.c.homeLine.network
}

// equipRotated holds the id that the session had before its last rotation.
func equipRotated(b *Bank, t *thief) {
	equipAfterEnd(b, t)
	t.cookie = t.s.ids[len(t.s.ids)-2]
}

// withoutKey: until the short-lived cookie of a bound session ends, the thief need not prove anything; then he cannot (W3C Device Bound
// Session Credentials). At other kinds' victims the app asks more seldom than the thief needs.
func withoutKey(t *thief, e *event) {
	if t.tries++; t.tries > 1 {
		e.binding, e.thumbprint = "failed", t.s.d.proofKey
		if t.careful {
			e.binding = "missing"
		}
	}
}

// withoutUser: the token service does not know whose token it is, unless somebody shows it under his own login.
func withoutUser(t *thief, e *event) {
	e.anonymous = e.kind == "token.refreshed" && t.as == t.s.c
}

func withChangedCookie(_ *thief, e *event) { e.integrity = "modified" }

// withFlags is what an SDK in the app sees of banking malware: a session that is controlled from afar, with something drawn over the
// app (ThreatFabric on Vultur 2024 and Hook 2023: overlays, keylogging and remote control through accessibility services).
func withFlags(t *thief, e *event) {
	e.flags = `["remote_control","overlay"]`
	if t.careful {
		e.flags = `["accessibility","remote_control"]`
	}
}

func crossSite(t *thief, e *event) {
	e.site, e.csrf = "cross-site", "missing"
	if t.careful {
		e.csrf = "invalid"
	}
}
