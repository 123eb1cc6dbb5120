package internet

// City is a place where people live, work and travel to.
type City struct {
	Name      string
	Country   string  // ISO 3166-1 alpha-2
	Lat, Lon  float64 // degrees, of the real city
	Timezone  string  // IANA
	OffsetMin int     // minutes ahead of UTC in winter; the synthetic world has no daylight saving
	Language  string  // an Accept-Language that is usual there
	Customers int     // relative number of the bank's customers who live there; 0: visited only
}

// Cities is the world: a bank with customers around the Baltic and the North Sea, and the places they travel to.
// It is read only.
var Cities = []City{
	{"Stockholm", "SE", 59.3293, 18.0686, "Europe/Stockholm", 60, "sv-SE,sv;q=0.9,en;q=0.8", 100},
	{"Gothenburg", "SE", 57.7089, 11.9746, "Europe/Stockholm", 60, "sv-SE,sv;q=0.9,en;q=0.8", 60},
	{"Malmö", "SE", 55.6050, 13.0038, "Europe/Stockholm", 60, "sv-SE,sv;q=0.9,en;q=0.8", 35},
	{"Linköping", "SE", 58.4108, 15.6214, "Europe/Stockholm", 60, "sv-SE,sv;q=0.9,en;q=0.8", 20},
	{"Umeå", "SE", 63.8258, 20.2630, "Europe/Stockholm", 60, "sv-SE,sv;q=0.9,en;q=0.8", 12},
	{"Oslo", "NO", 59.9139, 10.7522, "Europe/Oslo", 60, "nb-NO,nb;q=0.9,en;q=0.8", 45},
	{"Bergen", "NO", 60.3913, 5.3221, "Europe/Oslo", 60, "nb-NO,nb;q=0.9,en;q=0.8", 15},
	{"Trondheim", "NO", 63.4305, 10.3951, "Europe/Oslo", 60, "nb-NO,nb;q=0.9,en;q=0.8", 10},
	{"Copenhagen", "DK", 55.6761, 12.5683, "Europe/Copenhagen", 60, "da-DK,da;q=0.9,en;q=0.8", 45},
	{"Aarhus", "DK", 56.1629, 10.2039, "Europe/Copenhagen", 60, "da-DK,da;q=0.9,en;q=0.8", 15},
	{"Helsinki", "FI", 60.1699, 24.9384, "Europe/Helsinki", 120, "fi-FI,fi;q=0.9,en;q=0.8", 40},
	{"Tampere", "FI", 61.4978, 23.7610, "Europe/Helsinki", 120, "fi-FI,fi;q=0.9,en;q=0.8", 14},
	{"Oulu", "FI", 65.0121, 25.4651, "Europe/Helsinki", 120, "fi-FI,fi;q=0.9,en;q=0.8", 7},
	{"Tallinn", "EE", 59.4370, 24.7536, "Europe/Tallinn", 120, "et-EE,et;q=0.9,en;q=0.8", 12},
	{"Riga", "LV", 56.9496, 24.1052, "Europe/Riga", 120, "lv-LV,lv;q=0.9,en;q=0.8", 10},
	{"Hamburg", "DE", 53.5511, 9.9937, "Europe/Berlin", 60, "de-DE,de;q=0.9,en;q=0.8", 35},
	{"Berlin", "DE", 52.5200, 13.4050, "Europe/Berlin", 60, "de-DE,de;q=0.9,en;q=0.8", 40},
	{"Munich", "DE", 48.1351, 11.5820, "Europe/Berlin", 60, "de-DE,de;q=0.9,en;q=0.8", 20},
	{"Cologne", "DE", 50.9375, 6.9603, "Europe/Berlin", 60, "de-DE,de;q=0.9,en;q=0.8", 20},
	{"Amsterdam", "NL", 52.3676, 4.9041, "Europe/Amsterdam", 60, "nl-NL,nl;q=0.9,en;q=0.8", 25},
	{"London", "GB", 51.5074, -0.1278, "Europe/London", 0, "en-GB,en;q=0.9", 25},
	{"Manchester", "GB", 53.4808, -2.2426, "Europe/London", 0, "en-GB,en;q=0.9", 8},
	{"Edinburgh", "GB", 55.9533, -3.1883, "Europe/London", 0, "en-GB,en;q=0.9", 5},
	{"Warsaw", "PL", 52.2297, 21.0122, "Europe/Warsaw", 60, "pl-PL,pl;q=0.9,en;q=0.8", 10},
	{"Gdansk", "PL", 54.3520, 18.6466, "Europe/Warsaw", 60, "pl-PL,pl;q=0.9,en;q=0.8", 8},
	{"Paris", "FR", 48.8566, 2.3522, "Europe/Paris", 60, "fr-FR,fr;q=0.9,en;q=0.8", 0},
	{"Nice", "FR", 43.7102, 7.2620, "Europe/Paris", 60, "fr-FR,fr;q=0.9,en;q=0.8", 0},
	{"Madrid", "ES", 40.4168, -3.7038, "Europe/Madrid", 60, "es-ES,es;q=0.9,en;q=0.8", 0},
	{"Barcelona", "ES", 41.3874, 2.1686, "Europe/Madrid", 60, "es-ES,es;q=0.9,en;q=0.8", 0},
	{"Málaga", "ES", 36.7213, -4.4214, "Europe/Madrid", 60, "es-ES,es;q=0.9,en;q=0.8", 0},
	{"Rome", "IT", 41.9028, 12.4964, "Europe/Rome", 60, "it-IT,it;q=0.9,en;q=0.8", 0},
	{"Milan", "IT", 45.4642, 9.1900, "Europe/Rome", 60, "it-IT,it;q=0.9,en;q=0.8", 0},
	{"Athens", "GR", 37.9838, 23.7275, "Europe/Athens", 120, "el-GR,el;q=0.9,en;q=0.8", 0},
	{"Bucharest", "RO", 44.4268, 26.1025, "Europe/Bucharest", 120, "ro-RO,ro;q=0.9,en;q=0.8", 0},
	{"Cluj-Napoca", "RO", 46.7712, 23.6236, "Europe/Bucharest", 120, "ro-RO,ro;q=0.9,en;q=0.8", 0},
	{"New York", "US", 40.7128, -74.0060, "America/New_York", -300, "en-US,en;q=0.9", 0},
	{"Miami", "US", 25.7617, -80.1918, "America/New_York", -300, "en-US,en;q=0.9", 0},
	{"Bangkok", "TH", 13.7563, 100.5018, "Asia/Bangkok", 420, "th-TH,th;q=0.9,en;q=0.8", 0},
	{"Singapore", "SG", 1.3521, 103.8198, "Asia/Singapore", 480, "en-SG,en;q=0.9", 0},
	{"Lagos", "NG", 6.5244, 3.3792, "Africa/Lagos", 60, "en-NG,en;q=0.9", 0},
	{"Abuja", "NG", 9.0765, 7.3986, "Africa/Lagos", 60, "en-NG,en;q=0.9", 0},
	{"São Paulo", "BR", -23.5505, -46.6333, "America/Sao_Paulo", -180, "pt-BR,pt;q=0.9,en;q=0.8", 0},
	{"Rio de Janeiro", "BR", -22.9068, -43.1729, "America/Sao_Paulo", -180, "pt-BR,pt;q=0.9,en;q=0.8", 0},
}
