package rules

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var durationUnits = map[string]int64{"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

var (
	errNoUnit   = errors.New("needs a unit")
	errDuration = errors.New("is not a duration")
)

// parseDuration reads a duration such as 90s, 10m, 1h30m or 2d in milliseconds. Every number carries its unit, 0 too:
// a bare 10 would be seconds to one reader and minutes to the next.
func parseDuration(s string) (ms int64, err error) {
	if s == "" {
		return 0, errDuration
	}
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789."))
		unit := len(s[digits:]) - len(strings.TrimLeft(s[digits:], "abcdefghijklmnopqrstuvwxyz"))
		amount, bad := strconv.ParseFloat(s[:digits], 64)
		if bad != nil {
			return 0, errDuration
		}
		if unit == 0 && s[digits:] == "" {
			return 0, errNoUnit
		}
		each, known := durationUnits[s[digits:digits+unit]]
		part := amount * float64(each)
		if !known || part > 1e15 || ms > 1e15 {
			return 0, errDuration
		}
		ms += int64(math.Round(part))
		s = s[digits+unit:]
	}
	return ms, nil
}

// formatDuration writes milliseconds as rules.yaml has them: 1h30m.
func formatDuration(ms int64) string {
	if ms == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []string{"d", "h", "m", "s", "ms"} {
		if n := ms / durationUnits[u]; n > 0 {
			b.WriteString(strconv.FormatInt(n, 10) + u)
			ms -= n * durationUnits[u]
		}
	}
	return b.String()
}

// parsePercent reads 0.5% as 0.005.
func parsePercent(s string) (float64, bool) {
	number, ok := strings.CutSuffix(s, "%")
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	return v / 100, err == nil && v >= 0 && v <= 100
}

// parseDate reads 2027-03-31 as the end of that day in UTC, in Unix milliseconds: what ends on a day holds all of it.
func parseDate(s string) (endMS int64, err error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, err
	}
	return day.AddDate(0, 0, 1).UnixMilli(), nil
}
