package bank

// Who inspects TLS ends it and begins it anew: the bank sees the inspector's hello below the browser's user agent.
// Durumeric et al., "The Security Impact of HTTPS Interception" (NDSS 2017). The fingerprints are invented.
const (
	ja4Antivirus = "t13d301000_1d37bd780c83_882d495ac381"
	ja4Gateway   = "t13d181000_5d04281c6031_8587a3b9f0cf"
)

// inspects is the JA4 of who inspects the session's TLS now, "" for nobody. Of the two vendors of gateways one leaves
// banks alone, as is usual.
func (b *Bank) inspects(s *session) string {
	switch {
	case s.via == viaGateway && b.net.Networks[s.access.network].ASN%2 == 0:
		s.causes |= CauseInspection
		return ja4Gateway
	case s.d.scanned:
		s.causes |= CauseInspection
		return ja4Antivirus
	}
	return ""
}
