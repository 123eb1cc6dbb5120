package detector

import (
	"strings"
	"testing"
)

func TestTimeZonesHaveCountries(t *testing.T) {
	for zone, country := range map[string]string{"Europe/Stockholm": "SE", "Europe/Kiev": "UA", "Europe/Kyiv": "UA", "Asia/Calcutta": "IN",
		"America/New_York": "US", "America/Argentina/Buenos_Aires": "AR", "Africa/Asmera": "ER", "Europe/Oslo": "NO"} {
		if got := countryText(zoneCountries()[zone]); got != country {
			t.Errorf("%s is in %q, want %s", zone, got, country)
		}
	}
	if n := len(zoneCountries()); n < 500 {
		t.Errorf("only %d zones", n)
	}
	if strings.Contains(zonesText, "\t") || zoneCountries()["UTC"] != 0 {
		t.Error("the table is not as it should be")
	}
}
