package kafka

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// A stage that goes back to its last checkpoint writes again what it told the other, in the same order and without a gap, from there or
// from before. So the reader keeps, for every partition that it is told from, the last origin that it took, and passes over what is not
// behind it: also what a member wrote that lost its partition and does not know it yet. What is counted over users is counted once.

// originHeader names the header that carries an origin: "<group>/<partition>|<began>|<offset>|<index>".
const originHeader = "origin"

// origin orders what one partition of a stage told the other.
type origin struct {
	Began  int64 `json:"began"`  // when the partition last started with an empty state, Unix ms: its offsets may have begun anew then
	Offset int64 `json:"offset"` // of the record that was the cause
	Index  int   `json:"index"`  // which of the things that it caused
}

func (a origin) compare(b origin) int {
	return cmp.Or(cmp.Compare(a.Began, b.Began), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Index, b.Index))
}

// sourceOf names a partition of a stage: two groups on the same topics do not take each other's place.
func sourceOf(p *Partition) string { return p.group.group + "/" + strconv.Itoa(p.Number) }

func (a origin) header(source string) cloudevents.Header {
	return header(originHeader, fmt.Sprintf("%s|%d|%d|%d", source, a.Began, a.Offset, a.Index))
}

// originOf reads the origin of a record that the other stage wrote; !ok for all others.
func originOf(r *Record) (source string, at origin, ok bool) {
	for _, h := range r.Headers {
		if h.Key == originHeader {
			return parseOrigin(string(h.Value))
		}
	}
	return "", origin{}, false
}

func parseOrigin(s string) (source string, at origin, ok bool) {
	var numbers [3]int64
	for i := len(numbers) - 1; i >= 0; i-- { // from behind: a group's name may hold anything
		cut := strings.LastIndexByte(s, '|')
		if cut < 0 {
			return "", origin{}, false
		}
		var err error
		if numbers[i], err = strconv.ParseInt(s[cut+1:], 10, 64); err != nil {
			return "", origin{}, false
		}
		s = s[:cut]
	}
	return s, origin{numbers[0], numbers[1], int(numbers[2])}, true
}

// origins are the last that an owner took from every source.
type origins map[string]origin

// again says whether a record was taken before, and notes it when it was not.
func (taken origins) again(r *Record) bool {
	source, at, ok := originOf(r)
	if !ok {
		return false
	}
	if last, known := taken[source]; known && at.compare(last) <= 0 {
		return true
	}
	taken[source] = at
	return false
}
