package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// isTerminal says whether a stream is a terminal: then there are colours and progress.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
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
