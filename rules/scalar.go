package rules

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var errEmpty = errors.New("the file is empty")

func contains(words []string, word string) bool { return slices.Contains(words, word) }

// text reads one value as it is written; 1.0 without quotes is the text 1.0.
func (l *loader) text(n node, what string) (string, bool) {
	s, ok := l.scalar(n, what)
	if ok {
		l.curly(n, what)
	}
	return s, ok
}

func (l *loader) scalar(n node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.isNull() {
		l.fail(n, codeForm, "", "%s is one text", what)
		return "", false
	}
	return n.Value, true
}

// curly warns about a text in quotes that are none to YAML.
func (l *loader) curly(n node, what string) {
	inner := strings.Trim(n.Value, curlyQuotes)
	if n.Style == 0 && inner != "" && !strings.HasPrefix(n.Value, inner) && !strings.HasSuffix(n.Value, inner) {
		l.warn(n, codeForm, "write straight quotes: "+strconv.Quote(inner), "the curly quotes are part of %s", what)
	}
}

// optional reads a text that may be left out.
func (l *loader) optional(o object, key string) string {
	if v, ok := l.get(o, key); ok {
		s, _ := l.text(v, key)
		return s
	}
	return ""
}

// word reads one word of a closed set and gives its index.
func (l *loader) word(n node, what string, words []string) (int, bool) {
	s, ok := l.scalar(n, what)
	if !ok {
		return 0, false
	}
	if i := slices.Index(words, s); i >= 0 {
		return i, true
	}
	hint := oneOf(s, words)
	if bare := strings.Trim(s, curlyQuotes); contains(words, bare) {
		hint = "write " + bare + ", without curly quotes"
	}
	l.fail(n, codeWord, hint, "%q is not a value of %s", s, what)
	return 0, false
}

// whole reads a whole number within bounds.
func (l *loader) whole(n node, what string, low, high int) (int, bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < low || v > high || n.ShortTag() == "!!str" {
		l.fail(n, codeForm, bareNumber(s), "%s is a whole number from %d to %d, not %s", what, low, high, shown(n))
		return 0, false
	}
	return v, true
}

// number reads a number within bounds.
func (l *loader) number(n node, what string, low, high float64) (float64, bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || n.ShortTag() == "!!str" {
		l.fail(n, codeForm, bareNumber(s), "%s is a number, not %s", what, shown(n))
		return 0, false
	}
	if v < low || v > high {
		l.fail(n, codeForm, "", "%s is a number from %s to %s, not %s", what, plain(low), plain(high), s)
		return 0, false
	}
	return v, true
}

// bareNumber gives the hint for a number that carries a unit where the key already names it.
func bareNumber(s string) string {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789."))
	if digits == 0 || digits == len(s) || strings.ContainsAny(s[digits:], "0123456789eE_") {
		return ""
	}
	return fmt.Sprintf("write %s: the key names the unit", s[:digits])
}

// flag reads true or false.
func (l *loader) flag(n node, what string) (value, ok bool) {
	s, ok := l.text(n, what)
	if ok && (n.ShortTag() != "!!bool" || (s != "true" && s != "false")) {
		l.fail(n, codeForm, "", "%s is true or false, not %s", what, shown(n))
		return false, false
	}
	return s == "true", ok
}

// period reads a duration in milliseconds.
func (l *loader) period(n node, what string) (ms int64, ok bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	ms, err := parseDuration(s)
	if errors.Is(err, errNoUnit) {
		hint := fmt.Sprintf("write %ss, %sm or %sh", s, s, s)
		if s == "0" {
			hint = "write 0s"
		}
		l.fail(n, codeForm, hint, "%s is a duration and needs a unit, not %s", what, shown(n))
		return 0, false
	}
	if err != nil {
		l.fail(n, codeForm, "write it as 90s, 10m, 1h30m or 2d", "%s is a duration, not %s", what, shown(n))
	}
	return ms, err == nil
}

// percent reads a share such as 0.5%.
func (l *loader) percent(n node, what string) (float64, bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	share, ok := parsePercent(s)
	if !ok {
		hint := "write it as 0.5%"
		if v, err := strconv.ParseFloat(s, 64); err == nil {
			hint = fmt.Sprintf("write %s%%", plain(v))
		}
		l.fail(n, codeForm, hint, "%s is a share in percent, not %s", what, shown(n))
	}
	return share, ok
}

// date reads a day and gives its end in Unix milliseconds.
func (l *loader) date(n node, what string) (endMS int64, ok bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	endMS, err := parseDate(s)
	if err != nil {
		l.fail(n, codeForm, "write it as 2027-03-31", "%s is a day of the calendar, not %s", what, shown(n))
	}
	return endMS, err == nil
}

// shown gives a value as a message quotes it.
func shown(n node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "key: value pairs"
	}
	if n.ShortTag() != "!!str" {
		return cut(n.Value)
	}
	return strconv.Quote(cut(n.Value))
}

// cut keeps what a message quotes readable.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
