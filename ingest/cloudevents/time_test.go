package cloudevents_test

import (
	"strings"
	"testing"
	"time"
)

// timeCases: the instant as package time writes it, or "" for a refusal.
var timeCases = []struct{ text, want string }{
	{"2026-11-22T09:30:00Z", "2026-11-22T09:30:00Z"},
	{"2026-11-22T09:30:00.125Z", "2026-11-22T09:30:00.125Z"},
	{"2026-11-22T09:30:00.1Z", "2026-11-22T09:30:00.1Z"},
	{"2026-11-22T09:30:00.1259999999999Z", "2026-11-22T09:30:00.125Z"},
	{"2026-11-22T10:30:00+01:00", "2026-11-22T09:30:00Z"},
	{"2026-11-22T00:30:00.5-09:00", "2026-11-22T09:30:00.5Z"},
	{"2026-11-22T09:30:00-00:00", "2026-11-22T09:30:00Z"},
	{"2026-01-01T00:00:00+23:59", "2025-12-31T00:01:00Z"},
	{"2026-11-22t09:30:00z", "2026-11-22T09:30:00Z"},
	{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
	{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
	{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
	{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
	{"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
	{"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
	// Leap seconds: the first two are RFC 3339's own examples.
	{"1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"},
	{"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z"},
	{"2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"},
	{"1969-12-30T23:59:60Z", "1969-12-31T00:00:00Z"},
	{"2026-11-22T09:30:60Z", ""},
	{"2026-11-22T23:59:60+01:00", ""},
	{"2026-11-22T23:59:61Z", ""},

	{"", ""},
	{"2026-11-22", ""},
	{"2026-11-22T09:30Z", ""},
	{"2026-11-22T09:30:00", ""},
	{"2026-11-22 09:30:00Z", ""},
	{"2026-11-22T24:00:00Z", ""},
	{"2026-11-22T09:60:00Z", ""},
	{"2026-00-22T09:30:00Z", ""},
	{"2026-13-22T09:30:00Z", ""},
	{"2026-11-00T09:30:00Z", ""},
	{"2026-11-31T09:30:00Z", ""},
	{"2025-02-29T00:00:00Z", ""},
	{"1900-02-29T00:00:00Z", ""},
	{"2026-11-22T09:30:00.Z", ""},
	{"2026-11-22T09:30:00,5Z", ""},
	{"2026-11-22T9:30:00.00Z", ""},
	{"2026-11-22T09:30:00+24:00", ""},
	{"2026-11-22T09:30:00+01:60", ""},
	{"2026-11-22T09:30:00+0100", ""},
	{"2026-11-22T09:30:00+01", ""},
	{"2026-11-22T09:30:00 Z", ""},
	{"2026-11-22T09:30:00ZZ", ""},
	{" 2026-11-22T09:30:00Z", ""},
	{"+2026-11-22T09:30:00Z", ""},
	{"2026-11-22T-9:30:00Z", ""},
	{"20261122T093000Z", ""},
	{"2026/11/22T09:30:00Z", ""},
	{"Sun, 22 Nov 2026 09:30:00 GMT", ""},
}

func TestTime(t *testing.T) {
	for _, c := range timeCases {
		e, r := decode(t, bare(strings.Replace(event(`{}`), "2026-11-22T09:30:00Z", c.text, 1)))
		switch {
		case r != nil && (c.want != "" || r.Reason != "bad_time"):
			t.Errorf("%s: refused as %s", c.text, r.Reason)
		case r == nil && time.UnixMilli(e.TimeMS).UTC().Format(time.RFC3339Nano) != c.want:
			t.Errorf("%s: got %s, want %q", c.text, time.UnixMilli(e.TimeMS).UTC().Format(time.RFC3339Nano), c.want)
		}
	}
}

// Every day of a whole cycle of the calendar, 400 years.
func TestTimeOfEveryDay(t *testing.T) {
	for day := time.Date(1800, 1, 1, 12, 34, 56, 789e6, time.UTC); day.Year() < 2200; day = day.AddDate(0, 0, 1) {
		e, r := decode(t, bare(strings.Replace(event(`{}`), "2026-11-22T09:30:00Z", day.Format(time.RFC3339Nano), 1)))
		if r != nil || e.TimeMS != day.UnixMilli() {
			t.Fatalf("%s: %v", day, r)
		}
	}
}

// FuzzTime compares with package time, through the judge.
func FuzzTime(f *testing.F) {
	for _, c := range timeCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.ContainsAny(text, "\"\\") {
			agree(t, []byte(event(`{"auth":{"time":"`+text+`"}}`)))
		}
	})
}
