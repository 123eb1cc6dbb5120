package rules

import (
	"fmt"
	"strings"
)

// nearest gives the word that a misspelt one most likely meant: within two edits (one for words of up to four letters),
// the only one that begins with it, or the longest of four letters or more with which it begins. Ties go to the first, so that the answer does not depend on chance.
func nearest(word string, words []string) (string, bool) {
	limit := 2
	if len(word) <= 4 {
		limit = 1
	}
	best, found := limit+1, ""
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w), limit); d < best && w != word {
			best, found = d, w
		}
	}
	if found == "" && len(word) >= 3 {
		found = onlyPrefixed(word, words)
	}
	if found == "" {
		found = longestPrefix(word, words)
	}
	return found, found != ""
}

func onlyPrefixed(prefix string, words []string) string {
	found := ""
	for _, w := range words {
		if strings.HasPrefix(w, prefix) && w != prefix {
			if found != "" {
				return ""
			}
			found = w
		}
	}
	return found
}

// longestPrefix gives except for exceptions.
func longestPrefix(word string, words []string) string {
	found := ""
	for _, w := range words {
		if len(w) >= 4 && len(w) > len(found) && strings.HasPrefix(word, w) && w != word {
			found = w
		}
	}
	return found
}

// didYouMean gives the hint for a misspelt word, "" where nothing is near.
func didYouMean(word string, words []string) string {
	if w, ok := nearest(word, words); ok {
		return fmt.Sprintf("did you mean %q?", w)
	}
	return ""
}

// oneOf gives the hint for a word of a closed set: the near one, or all of them when they are few.
func oneOf(word string, words []string) string {
	near := didYouMean(word, words)
	if len(words) == 0 || len(words) > 12 {
		return near
	}
	return strings.TrimSpace(near + " one of: " + strings.Join(words, ", "))
}

// nearOrAll gives the near word alone where there is one: an author who slipped knows the rest.
func nearOrAll(word string, words []string) string {
	if near := didYouMean(word, words); near != "" {
		return near
	}
	return oneOf(word, words)
}

// distance is the edit distance with transpositions (optimal string alignment), or limit+1 as soon as it is more than limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
