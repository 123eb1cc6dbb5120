package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// isTerminal says whether a stream is a terminal: then there are colours and progress.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columnsOf gives how wide a terminal is now, and 0 for what is none.
func columnsOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// cut gives text in at most so many columns, of which the last one shows that there is more; 0 columns are no limit.
func cut(text string, columns int) string {
	runes := []rune(text)
	if columns <= 0 || len(runes) <= columns {
		return text
	}
	return string(runes[:columns-1]) + "…"
}

// progress shows on a terminal how far a long run has come; elsewhere it is silent.
type progress struct {
	w           io.Writer
	on          bool
	start, last time.Time
}

func newProgress(w io.Writer, on bool) *progress {
	now := time.Now()
	return &progress{w: w, on: on, start: now, last: now}
}

// at shows the number of events so far, at most four times a second.
func (p *progress) at(events int64) {
	if !p.on || time.Since(p.last) < 250*time.Millisecond {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r%d events, %.0f a second\x1b[K", events, float64(events)/time.Since(p.start).Seconds())
}

// clear takes the line away.
func (p *progress) clear() {
	if p.on {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
