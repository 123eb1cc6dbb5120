package bank

import "cmp"

// outcome is one attack as far as it went. Times are 0 for what did not come.
type outcome struct {
	kind, group string
	networks    []string // that guess session ids
	namedMS     int64    // first of them named
	firstMS     int64
	requestsMS  []int64
	sensitiveMS int64  // first sensitive request
	takenMS     int64  // first sensitive action done
	armedMS     int64  // first arm in time
	stepUpMS    int64  // first require_reauth
	revokedMS   int64  // first revoke
	rule        string // that led to the first answer
}

func (a *outcome) did(l *Label, atMS int64) {
	if l.Request && len(a.requestsMS) < maxRequests {
		a.requestsMS = append(a.requestsMS, atMS)
	}
	if l.Sensitive && a.sensitiveMS == 0 {
		a.sensitiveMS = atMS
	}
	if l.Completed && a.takenMS == 0 {
		a.takenMS = atMS
	}
}

func (a *outcome) answer(d *Answer) {
	first := &a.revokedMS
	switch d.Action {
	case "arm":
		if a.sensitiveMS != 0 && d.TimeMS > a.sensitiveMS {
			return // the money is on its way
		}
		first = &a.armedMS
	case "require_reauth":
		first = &a.stepUpMS
	}
	if at := a.answeredMS(); at == 0 || d.TimeMS < at {
		a.rule = cmp.Or(d.Rule, noRule)
	}
	if *first == 0 || d.TimeMS < *first {
		*first = d.TimeMS
	}
}

// answeredMS is when the attack was first answered, 0 if it was not.
func (a *outcome) answeredMS() int64 {
	var first int64
	for _, at := range []int64{a.armedMS, a.stepUpMS, a.revokedMS, a.namedMS} {
		if at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

func (a *outcome) requestsUntil(atMS int64) int {
	n := 0
	for _, t := range a.requestsMS {
		if t <= atMS {
			n++
		}
	}
	return n
}
