package bank

import "math/rand/v2"

// release is how a family publishes versions: the first one that the world knows, and how often a new one comes.
// Chrome, Edge and Firefox publish every four weeks; Safari and Samsung Internet about every two months; a bank's app
// every two weeks. Major versions are those of late 2026.
type release struct {
	first   int // on 2026-11-22
	days    int64
	lagDays int64 // of the calendar, so that not all families publish on one day
}

var releases = [numFamilies]release{
	chrome:         {154, 28, 25},
	edge:           {154, 28, 22},
	firefox:        {157, 28, 13},
	safari:         {1, 56, 40},
	samsung:        {30, 56, 20},
	bankApp:        {14, 14, 11},
	torBrowser:     {140, 364, 0},
	headlessChrome: {154, 28, 25},
	chromeIOS:      {154, 28, 19},
	opera:          {138, 28, 9},
}

const dayMS = 24 * 3600 * 1000

// calendarMS is 2026-11-22, from which the release calendar counts.
const calendarMS = 1795305600_000

// released is the newest version of a family at a time.
func released(f family, atMS int64) int {
	r := releases[f]
	if r.days == 0 {
		return 0
	}
	passed := (atMS-calendarMS)/dayMS + r.lagDays
	if passed < 0 {
		return r.first
	}
	return r.first + int(passed/r.days)
}

// releasedMS is when a version came out.
func (r *release) releasedMS(version int) int64 {
	return calendarMS + (int64(version-r.first)*r.days-r.lagDays)*dayMS
}

// How a release rolls out: it is handed to a growing share of the clients over days (Chrome's and the app stores'
// staged rollouts) and taken when the browser next restarts. So half of the clients have it after four days and nine
// in ten after two weeks, as the version shares of StatCounter show it; some update months later.
const (
	rolloutDays     = 6.0
	shareLaggards   = 0.04
	laggardDaysLess = 40
	laggardDaysMore = 80

	restartComputerMS = 60 * hourMS // between two starts of a browser
	restartPhoneMS    = 25 * hourMS
)

// running is the version that a device has at a time: what it had downloaded when it was last restarted. It never goes
// back, and the two customers of a shared machine see the same.
func (d *device) running(nowMS int64) int {
	every := int64(restartComputerMS)
	if d.phone || d.tablet {
		every = restartPhoneMS
	}
	return d.downloaded(max(d.restartedMS, nowMS-(nowMS+int64(d.seed.roll(0)*float64(every)))%every))
}

// waits says whether an update has been downloaded that the next start will bring. Of a shared machine nobody knows
// when the other restarts it.
func (d *device) waits(nowMS int64) bool { return !d.shared && d.downloaded(nowMS) > d.running(nowMS) }

func (d *device) downloaded(atMS int64) int {
	r := &releases[d.family]
	newest := released(d.family, atMS)
	for v := newest; v >= r.first; v-- {
		if r.releasedMS(v)+d.seed.takes(v) <= atMS {
			return v
		}
	}
	return r.first - 1
}

// takes is how long after its release a device has a version.
func (s seed) takes(version int) int64 {
	q := uint64(version) << 8
	if s.roll(q) < shareLaggards {
		return int64((laggardDaysLess + laggardDaysMore*s.roll(q+1)) * dayMS)
	}
	return int64(rolloutDays * s.wait(q+2) * dayMS)
}

// system is the operating system's version: what the device had at first, and when it takes the next one.
type system struct {
	version   int   // 0 is the newest that the world begins with
	upgradeMS int64 // when a device that is behind comes up; 0: never
}

// Shares of devices that are behind, rounded from StatCounter's shares of system versions, 2025; half of them come up
// within a year, which is plausible, not measured.
const (
	shareWindows10 = 0.3
	shareAndroid15 = 0.3
	shareAndroid14 = 0.2
	shareUpgrades  = 0.5
	upgradeDays    = 365
	appleDays      = 45 // between minor versions of iOS and macOS
)

func drawSystem(r *rand.Rand, p platform) system {
	var s system
	switch x := r.Float64(); {
	case p == windows && x < shareWindows10:
		s.version = 10
	case p == android && x < shareAndroid14:
		s.version = 14
	case p == android && x < shareAndroid14+shareAndroid15:
		s.version = 15
	}
	if s.version != 0 && chance(r, shareUpgrades) {
		s.upgradeMS = calendarMS + between(r, 0, upgradeDays)*dayMS
	}
	return s
}

// at is the version at a time: of Apple's systems the minor one since the world began, of the others the major one,
// where 0 is the newest.
func (s system) at(p platform, which seed, atMS int64) int {
	switch p {
	case iPhone, iPad, macOS:
		v := int((atMS - calendarMS) / (appleDays * dayMS))
		for ; v > 0; v-- {
			if calendarMS+int64(v)*appleDays*dayMS+which.takes(-v) <= atMS {
				break
			}
		}
		return max(v, 0)
	}
	if s.upgradeMS != 0 && atMS >= s.upgradeMS {
		return 0
	}
	return s.version
}
