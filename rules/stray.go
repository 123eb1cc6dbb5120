package rules

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
)

// What authors write who know other languages, and what the rule language has instead.

var token = regexp.MustCompile(`^unexpected token (\w+)\("(.*)"\)`)

var badNumber = regexp.MustCompile(`^bad number syntax: "(.*)"$`)

// inPlainWords says what expr's parser says, without its vocabulary.
func inPlainWords(text string, err error) *exprError {
	var at *file.Error
	if !errors.As(err, &at) {
		return &exprError{code: codeOutside, message: err.Error()}
	}
	e := &exprError{at: at.From, code: codeOutside, message: at.Message}
	runes := []rune(text)
	if m := token.FindStringSubmatch(at.Message); m != nil {
		e.stray(runes, m[1], m[2])
		return e
	}
	if m := badNumber.FindStringSubmatch(at.Message); m != nil {
		e.badNumber(runes, m[1])
		return e
	}
	switch {
	case strings.Contains(at.Message, "EOF"), strings.Contains(at.Message, "end of expression"):
		e.at, e.message = len([]rune(strings.TrimRight(text, " \n\t"))), "the condition ends too early"
	case strings.Contains(at.Message, "literal not terminated"):
		e.at, e.message = max(0, strings.LastIndexAny(text, `"'`)), "this quote is not closed"
		e.at = len([]rune(text[:e.at]))
	case strings.Contains(at.Message, "unrecognized character"):
		e.strange(runes)
	case strings.Contains(at.Message, "maximum allowed nodes"):
		e.message = fmt.Sprintf("the condition has more than %d parts", maxTerms)
	}
	return e
}

// around gives the word before a place, and the texts before and after.
func around(text []rune, at int) (word, before, after string) {
	at = min(max(at, 0), len(text))
	before, after = strings.TrimRight(string(text[:at]), " \n\t"), string(text[at:])
	if fields := strings.Fields(before); len(fields) > 0 {
		word = fields[len(fields)-1]
	}
	return word, before, after
}

// stray says what to write for a sign or a word that stands where none can.
func (e *exprError) stray(text []rune, kind, word string) {
	previous, before, after := around(text, e.at)
	e.message = "unexpected " + word
	switch {
	case word == "=" && strings.HasSuffix(before, "=="):
		e.hint = "to compare two values write == once"
	case word == "=" && strings.HasPrefix(after, "=>"):
		e.message, e.hint = "unexpected =>", "write >="
	case word == "=":
		e.hint = "to compare two values write =="
	case word == ">" && strings.HasSuffix(before, "<"):
		e.at, e.message, e.hint = e.at-1, "unexpected <>", "for what is not equal write !="
	case word == "," && isNumber(previous):
		e.hint = "write numbers without commas"
	case word == "," && strings.Contains(before, "("):
		e.hint = "write a list in square brackets: in [\"a\", \"b\"]"
	case kind == "Operator" && (word == "in" || word == "not"), kind == "Identifier":
		e.hint = strayWord(previous, word, after)
	}
}

// instead holds the words of other languages.
var instead = map[string]string{
	"like": "write contains, startsWith, endsWith or matches", "ilike": "write contains, startsWith, endsWith or matches", "has": "write contains, or \"word\" in a list",
	"then": "a condition only says when: score and evidence say what follows", "do": "a condition only says when: score and evidence say what follows",
	"equals": "to compare two values write ==", "equal": "to compare two values write ==", "eq": "to compare two values write ==", "ne": "for what is not equal write !=",
	"gt": "write >", "gte": "write >=", "lt": "write <", "lte": "write <=", "between": "write x >= 5 and x <= 10", "xor": "write it with and, or, not",
	"regex": "write matches", "regexp": "write matches", "rlike": "write matches", "where": "a condition begins at once, without a first word",
	"unless": "write and not",
}

var unitWords = map[string]string{"ms": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "second": "s", "seconds": "s", "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"h": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d"}

func strayWord(previous, word, after string) string {
	lower := strings.ToLower(word)
	hint := instead[lower]
	switch {
	case lower == "and", lower == "or", word != lower && (lower == "not" || lower == "in"):
		return fmt.Sprintf("write %s in lower case", lower)
	case isNumber(previous) && unitWords[lower] != "":
		return fmt.Sprintf("write duration(%q)", previous+unitWords[lower])
	case hint != "":
		return hint
	case lower == "is":
		return isWhat(after)
	case previous == "if", previous == "when", previous == "where":
		return "a condition begins at once, without the word " + previous
	case previous == "exists", previous == "has", previous == "defined":
		return "leave it out: what is absent never fires"
	}
	return "join two conditions with and, or"
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789.") == "" }

// isWhat tells the meanings of `is` apart.
func isWhat(after string) string {
	words := strings.Fields(strings.ToLower(after) + " . .")
	negated := words[1] == "not"
	if negated {
		words = words[1:]
	}
	switch {
	case contains(absentWords, words[1]), words[1] == "empty":
		return absentHint
	case negated:
		return "for what is not equal write !="
	}
	return "to compare two values write =="
}

// badNumber says how to write a number with something behind it.
func (e *exprError) badNumber(text []rune, number string) {
	read := string(text[:min(e.at+1, len(text))]) // the parser stands on the number's last character
	if i := strings.LastIndex(read, number); i >= 0 {
		e.at = len([]rune(read[:i]))
	}
	e.message = strconv.Quote(cut(number)) + " is not a number"
	if _, err := parseDuration(number); err == nil {
		e.message, e.hint = number+" is not a value", fmt.Sprintf("a duration is written duration(%q)", number)
		return
	}
	e.hint = "write digits only"
	digits := strings.TrimRight(strings.ToLower(number), "km")
	if v, err := strconv.ParseFloat(digits, 64); err == nil && len(digits) == len(number)-1 {
		e.hint = "write " + plain(v*map[byte]float64{'k': 1e3, 'm': 1e6}[strings.ToLower(number)[len(digits)]])
	}
}

const curlyQuotes = "“”„‟‘’‚«»"

// strange says what a character that no condition holds stands for.
func (e *exprError) strange(text []rune) {
	_, _, after := around(text, e.at)
	e.message = "a character that no condition holds"
	first, _, _ := strings.Cut(after, " ")
	switch {
	case after != "" && strings.ContainsRune(curlyQuotes, []rune(after)[0]):
		e.hint = `write straight quotes: "`
	case strings.HasPrefix(first, "~"):
		e.hint = "write matches, with a pattern in quotes"
	case strings.HasPrefix(first, "\u00a0"):
		e.message, e.hint = "a no-break space stands here", "write a plain space"
	case strings.HasPrefix(first, "≠"):
		e.hint = "write !="
	case strings.HasPrefix(first, "≥"):
		e.hint = "write >="
	case strings.HasPrefix(first, "≤"):
		e.hint = "write <="
	}
}
