package cloudevents

// parseTime reads an RFC 3339 time as Unix milliseconds; finer fractions are cut off. It takes exactly the grammar of RFC
// 3339, section 5.6: T and Z also in lower case, any offset up to 23:59, the 29th of February in leap years only. A leap
// second is taken where one can be, at 23:59:60 UTC, and is the same instant as the second after it, as in POSIX. Refused
// are hour 24, a space for T, a comma for the point, and a missing offset.
//
// time.Parse differs: it refuses lower case and leap seconds and takes a comma and one-digit hours.
func parseTime(s string) (ms int64, ok bool) {
	if len(s) < len("2006-01-02T15:04:05Z") {
		return 0, false
	}
	if s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	century, a := twoDigits(s, 0)
	year, b := twoDigits(s, 2)
	month, c := twoDigits(s, 5)
	day, e := twoDigits(s, 8)
	hour, f := twoDigits(s, 11)
	minute, g := twoDigits(s, 14)
	second, h := twoDigits(s, 17)
	year += 100 * century
	if !(a && b && c && e && f && g && h) || hour > 23 || minute > 59 || second > 60 || !isDate(year, month, day) {
		return 0, false
	}
	fraction, rest, ok := milliseconds(s[19:])
	if !ok {
		return 0, false
	}
	offset, ok := offsetMinutes(rest)
	if !ok {
		return 0, false
	}
	minutes := daysSinceEpoch(year, month, day)*24*60 + int64(hour*60+minute-offset)
	if second == 60 && floorMod(minutes, 24*60) != 24*60-1 {
		return 0, false
	}
	return (minutes*60+int64(second))*1000 + int64(fraction), true
}

func twoDigits(s string, i int) (int, bool) {
	a, b := s[i]-'0', s[i+1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func isDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	leap := month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0)
	return day <= monthDays[month] || leap && day == 29
}

// milliseconds reads the fraction, if there is one, and returns what follows it.
func milliseconds(s string) (ms int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i := 1
	for unit := 100; i < len(s) && isDigit(s[i]); i++ {
		ms += int(s[i]-'0') * unit
		unit /= 10
	}
	return ms, s[i:], i > 1
}

func offsetMinutes(s string) (int, bool) {
	if len(s) == 1 {
		return 0, s[0]|0x20 == 'z'
	}
	if len(s) != len("+00:00") || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, a := twoDigits(s, 1)
	minute, b := twoDigits(s, 4)
	offset := hour*60 + minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, a && b && hour <= 23 && minute <= 59
}

// daysSinceEpoch counts the days from 1970-01-01, negative before it. Years begin in March here, so that the leap day is the
// last of its year and the days before a month are a straight line (Howard Hinnant, days_from_civil).
func daysSinceEpoch(year, month, day int) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	era := (year + 400) / 400 // from the year -400, so that no division is of a negative number
	inEra := year + 400 - era*400
	inYear := (153*(month-3)+2)/5 + day - 1
	return int64(era-1)*146097 + int64(inEra*365+inEra/4-inEra/100+inYear) - 719468
}

func floorMod(a, b int64) int64 { return (a%b + b) % b }
