package detector

import "strings"

// signal is a set of reasons to wake a detector. An ordinary event has none: what it costs does not grow with the number of detectors.
type signal uint32

// The signals.
const (
	networkChanged signal = 1 << iota // another address than the last one that was judged and found in order
	clientChanged                     // a part of the client's print
	programmed                        // a scripted or headless client
	sessionOver                       // the session has ended
	firstLook                         // the session's first use: there is nothing of the session to compare with
	userChanged                       // the session belongs to another user
	tampered                          // the app found the session's cookie changed
	unbound                           // the proof of device binding failed or is missing
	flagged                           // the app saw something wrong with the device
	crossSite                         // the request came from another site, or without its CSRF token
	exposed                           // an id, a transport or a cookie's attributes that fall short
	tokenShown                        // a refresh token was presented
	rested                            // nobody used the session for longer than the bank allows
	aged                              // the session is older than the bank allows
	unrotated                         // the session's id should have changed
	claimed                           // a session that was shown without a user belongs to one now
	acting                            // an action was asked for or done, or credentials changed
	hurried                           // faster than a person, by far
	loggedIn                          // a session was created
	inHands                           // more than one client has shown the session
	rebound                           // another key than the one that the session is bound to
	newAddress                        // as networkChanged, also where it is the other address family of the same line
	neverIssued                       // the app never issued the id that the client showed
	wasRevoked                        // we revoked the session
	stepUpFailed                      // a step-up failed
	guessed                           // second stage: such an id was shown from a network
	arrived                           // second stage: a client that may be a thief's came to a session
	convicted                         // second stage: a theft was confirmed
)

// attested gives the signals that the event itself carries. What an app that is in order attests with every event (a valid proof, a cookie
// with all its attributes) gives none.
func attested(e *Event) (s signal) {
	if e.Session.Integrity == IntegrityModified {
		s |= tampered
	}
	if e.Device.Binding == BindingFailed || e.Device.Binding == BindingMissing {
		s |= unbound
	}
	if len(e.Device.Flags) > 0 {
		s |= flagged
	}
	if e.HTTP.CSRF > CSRFOK || e.HTTP.SecFetchSite == "cross-site" {
		s |= crossSite
	}
	if exposes(&e.Session) {
		s |= exposed
	}
	if presentsToken(e) {
		s |= tokenShown
	}
	switch e.Type {
	case SessionCreated:
		s |= loggedIn
	case AuthReauthenticated:
		if e.Outcome == OutcomeFailure {
			s |= stepUpFailed
		}
	case ActionRequested, ActionCompleted, CredentialChanged, FactorChanged, SessionPrivilegeChanged:
		s |= acting
	}
	return s
}

// strongIDBits is the entropy from which nobody complains of a session id: twice the 64 bits that OWASP asks for.
const strongIDBits = 128

// exposes says whether the session's id may be weak or may leak.
func exposes(s *Session) bool {
	return s.IDBits.Set && s.IDBits.V < strongIDBits || s.Transport == TransportURL || s.Transport == TransportForm ||
		s.CookieSecure == False || s.CookieHTTPOnly == False || s.CookieHostPrefix == False || s.CookieSameSite != "" && !keepsSite(s.CookieSameSite)
}

// keepsSite says whether a SameSite attribute keeps a cookie from the requests of other sites.
func keepsSite(attribute string) bool {
	return strings.EqualFold(attribute, "Strict") || strings.EqualFold(attribute, "Lax")
}
