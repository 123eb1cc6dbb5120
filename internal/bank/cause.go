package bank

import "strings"

// Cause is a set of oddities of honest life: what an honest session has shown so far that a detector could mistake for
// theft. The numbers are those of the catalogue of false alarms.
type Cause uint64

// The causes.
const (
	CauseVPN            Cause = 1 << iota // a commercial VPN, or its switching on or off
	CauseGateway                          // a secure web gateway (SASE) with rotating exits
	CauseCGNAT                            // a carrier that changes the address, or sends it through a far gateway
	CauseRelay                            // a private relay
	CauseDualStack                        // the address family changed
	CauseTunnel                           // v6 through a tunnel of another operator
	CauseHandover                         // from wifi to cellular or back
	CauseUpdate                           // the browser, the app or the system was updated in the session
	CauseDesktopSite                      // a phone asked for the desktop site
	CauseWebView                          // a web view beside the native client
	CauseGeoError                         // databases put the network far from where it is
	CauseGeoUpdate                        // a database update moved the network in the session
	CauseCountryLevel                     // databases know the country only
	CauseBorder                           // work or shopping across a border
	CauseSatellite                        // satellite or in-flight network
	CauseSkew                             // a publisher's clock is off
	CauseDisorder                         // an event came late, out of order or twice
	CauseLogout                           // a request crossed the logout, or an open tab tried after the end
	CauseSharedDevice                     // a family's device or a kiosk
	CauseCloudPC                          // a desktop in a hosting network
	CauseRefreshRace                      // a refresh token shown twice
	CausePrivateAddress                   // a proxy hop's own address
	CauseAggregator                       // an account aggregator
	CauseApproval                         // the step-up was approved on another device
	CauseTravel                           // away from home
	CauseRoaming                          // cellular through the carrier at home, or a foreign eSIM
	CauseNewDevice                        // a new phone, or a browser that forgot its device id
	CauseScreen                           // an external monitor
	CauseLanguage                         // another language
	CauseSupport                          // the bank's support acts for the customer
	CauseSecondSession                    // another session of the customer is open
	CausePassword                         // wrong passwords first
	CauseEmployer                         // the employer's VPN, which comes out at an office
	CauseInspection                       // an antivirus or a gateway ends TLS and begins it anew
	CauseFirstUse                         // the first visit on a device, or the customer's first at all
	CauseHints                            // the client hints became more when the site asked for them
	numCauses           = iota
)

// causeNames are in the order of the constants.
var causeNames = [numCauses]string{
	"C1 vpn", "C2 gateway", "C3 cgnat", "C4 relay", "C5 dual-stack", "C5 tunnel", "C6 handover", "C7 update", "C9 desktop-site", "C9 web-view",
	"C10 geo-error", "C10 geo-update", "C11 country-level", "C10 border", "C12 satellite", "C14 skew", "C15 disorder", "C15 logout", "C17 shared-device",
	"C18 cloud-pc", "C19 refresh-race", "C20 private-address", "C21 aggregator", "C22 approval", "travel", "roaming", "new-device", "screen", "language",
	"support", "second-session", "password", "C1 employer", "tls-inspection", "C25 first-use", "C8 hints",
}

// Names lists the causes in the set; nil for none.
func (c Cause) Names() []string {
	var list []string
	for i, name := range causeNames {
		if c&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	if c&OtherCause != 0 {
		list = append(list, "another cause")
	}
	return list
}

// String is the names with commas between, "" for none.
func (c Cause) String() string { return strings.Join(c.Names(), ", ") }
