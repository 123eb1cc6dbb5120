package rules

// bankLanguage is a language like the real one: the same shapes, fewer names.
func bankLanguage() *Language {
	l := &Language{
		EventTypes: []string{"", "session.created", "session.presented", "session.ended", "auth.reauthenticated", "token.reuse_detected", "action.requested"},
		Detectors:  bankDetectors(),
	}
	add := func(test bool, fields ...Field) {
		for _, f := range fields {
			f.Test = test
			l.Fields = append(l.Fields, f)
		}
	}
	browsers := []string{"Chrome", "Edge", "Firefox", "Safari", "Opera", "HeadlessChrome", "curl", "python-requests", "Go-http-client", "okhttp"}
	add(true,
		Field{Name: "type", Enum: l.EventTypes[1:]}, Field{Name: "tenant"}, Field{Name: "background", Type: Bool}, Field{Name: "outcome", Enum: []string{"success", "failure"}},
		Field{Name: "session.id"}, Field{Name: "session.kind", Enum: []string{"browser", "mobile_app", "api"}}, Field{Name: "session.seq", Type: Integer},
		Field{Name: "session.end_reason", Enum: []string{"logout", "idle", "absolute", "revoked", "superseded", "account_disabled"}},
		Field{Name: "session.since_drift", Type: Duration, Unit: "ms"}, Field{Name: "session.age", Type: Duration, Unit: "ms"},
		Field{Name: "user.id"}, Field{Name: "user.roles", Type: Strings}, Field{Name: "user.segment"}, Field{Name: "user.mfa_fresh", Type: Bool},
		Field{Name: "client.ip", Type: IP}, Field{Name: "client.user_agent"}, Field{Name: "client.accept_language"}, Field{Name: "client.timezone"},
		Field{Name: "client.screen"}, Field{Name: "client.ja4"}, Field{Name: "client.rtt_ms", Type: Number, Unit: "ms"},
		Field{Name: "client.geo.lat", Type: Number, Unit: "degree"}, Field{Name: "client.geo.lon", Type: Number, Unit: "degree"},
		Field{Name: "client.geo.accuracy_radius_km", Type: Number, Unit: "km"}, Field{Name: "client.geo.country", Type: Country},
		Field{Name: "client.geo.city"}, Field{Name: "client.geo.asn", Type: ASN}, Field{Name: "client.geo.connection_type"},
		Field{Name: "client.geo.anonymous", Type: Strings, Enum: []string{"vpn", "tor", "public_proxy", "residential_proxy", "hosting", "relay"}},
		Field{Name: "client.agent.os", Enum: []string{"Windows", "macOS", "Linux", "ChromeOS", "Android", "iOS"}}, Field{Name: "client.agent.browser", Enum: browsers},
		Field{Name: "client.agent.browser_version", Type: Integer}, Field{Name: "client.agent.engine", Enum: []string{"Blink", "WebKit", "Gecko", "none"}},
		Field{Name: "client.agent.device_class", Enum: []string{"desktop", "phone", "tablet"}}, Field{Name: "client.agent.scripted", Type: Bool},
		Field{Name: "client.agent.headless", Type: Bool}, Field{Name: "device.id"}, Field{Name: "auth.aal", Type: Integer},
		Field{Name: "action.kind", Enum: []string{"transfer", "payee", "limit", "contact", "factor", "export", "other"}}, Field{Name: "action.amount", Type: Number},
	)
	add(false, Field{Name: "session.events", Type: Integer})
	return l
}

func bankDetectors() []Detector {
	return []Detector{
		{Name: "impossible_travel", Params: []Param{
			{Name: "max_speed_kmh", Default: 1000, Min: 1, Max: 100000, Sane: [2]float64{300, 1200}},
			{Name: "min_distance_km", Default: 500, Max: 20037},
			{Name: "subtract_accuracy", Kind: Toggle, Default: 1},
			{Name: "accuracy_factor", Default: 1, Max: 10},
			{Name: "skew", Kind: Period, Default: 120_000, Max: 3_600_000},
			{Name: "unknown_radius_km", Default: 50, Max: 1000},
			{Name: "unknown_radius_cellular_km", Default: 100, Max: 1000},
		}, Facts: []Field{{Name: "min_distance_km", Type: Integer}, {Name: "min_speed_kmh", Type: Integer}}},
		{Name: "country_change", Params: []Param{
			{Name: "window", Kind: Period, Default: 1_800_000, Min: 1, Max: 86_400_000}, {Name: "require_asn_change", Kind: Toggle, Default: 1},
		}, Facts: []Field{{Name: "from_country", Type: Country}, {Name: "to_country", Type: Country}}},
		{Name: "concurrent_ips", Params: []Param{
			{Name: "window", Kind: Period, Default: 300_000, Min: 1000, Max: 86_400_000}, {Name: "min_networks", Default: 3, Min: 2, Max: 8},
			{Name: "prefix_v4", Default: 24, Min: 8, Max: 24}, {Name: "prefix_v6", Default: 48, Min: 16, Max: 48}, {Name: "ignore_asn", Kind: ListRef, List: ASNs},
		}, Facts: []Field{{Name: "networks", Type: Integer}}},
		{Name: "fingerprint_drift", Params: []Param{
			{Name: "threshold", Default: 2, Min: 0.5, Max: 100},
			{Name: "weights", Kind: Weights, Max: 100, Parts: []Part{{"os", 3}, {"engine", 3}, {"browser", 2}, {"device_class", 2}, {"language", 1}, {"timezone", 1}, {"screen", 0.5}, {"browser_version", 0}}},
		}},
		{Name: "scripted_client", Params: []Param{{Name: "headless", Kind: Toggle, Default: 1}}},
		{Name: "use_after_end", Params: []Param{{Name: "grace", Kind: Period, Default: 60_000, Max: 3_600_000}}, Facts: []Field{{Name: "end_reason"}}},
		{Name: "anonymizer", Params: []Param{
			{Name: "to", Kind: WordSet, Words: []string{"tor", "vpn", "public_proxy"}}, {Name: "from", Kind: Word, Words: []string{"any", "plain"}},
		}},
	}
}
