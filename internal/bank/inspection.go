package bank

// Who inspects TLS ends it and begins it anew: the bank sees the inspector's hello below the browser's user agent.
// Durumeric et al., "The Security Impact of HTTPS Interception" (NDSS 2017). The fingerprints are invented.
const (
	ja4Antivirus = "t13d301000_1d37bd780c83_882d495ac381"
	ja4Gateway   = "t13d181000_5d04281c6031_8587a3b9f0cf"
)

// shareInspected of the people behind gateways work where banks are inspected too; most companies leave them alone, as
// the vendors advise. Plausible, not measured.
const shareInspected = 0.2

// askInspected is the question of it to a customer's seed, beyond the numbers of days.
const askInspected = 1 << 40

// inspects is the JA4 of who inspects the session's TLS now, "" for nobody.
func (s *session) inspects() string {
	switch {
	case s.via == viaGateway && s.c.seed.roll(askInspected) < shareInspected:
		s.causes |= CauseInspection
		return ja4Gateway
	case s.d.scanned:
		s.causes |= CauseInspection
		return ja4Antivirus
	}
	return ""
}
