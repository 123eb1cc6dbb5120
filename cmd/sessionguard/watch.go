package main

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// How often files are looked at.
const (
	rulesEvery = time.Second
	geoEvery   = 5 * time.Second
)

// rulesWatch offers the last good rules of a file that may change.
type rulesWatch struct {
	path    string
	log     *slog.Logger
	current atomic.Pointer[offeredRules]
	broken  atomic.Pointer[string] // why the file as it stands is not offered; nil: it is
	refused func(*rules.Set) bool  // whether partitions do not take a set because theirs is newer; nil: none does
}

// offeredRules is a set with how its tests fall short.
type offeredRules struct {
	*rules.Set
	testFaults []string
}

// newRulesWatch begins with a set that was loaded from path.
func newRulesWatch(path string, set *rules.Set, log *slog.Logger) *rulesWatch {
	w := &rulesWatch{path: path, log: log}
	w.current.Store(&offeredRules{set, testFaults(path, set)})
	return w
}

// run looks at the file until ctx ends.
func (w *rulesWatch) run(ctx context.Context) {
	every(ctx, rulesEvery, w.check)
}

// check adopts a changed file when it is good, and refuses it loudly when it is not.
func (w *rulesWatch) check() {
	if w.broken.Load() == nil && w.unchanged() {
		return // what is broken is tried again: it may be a list beside the file that is mended
	}
	sources, err := readRules([]string{w.path})
	if err != nil {
		w.refuse(err.Error())
		return
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{Today: time.Now(), ReadFile: readFile})
	if set == nil {
		w.refuse(firstError(problems) + moreErrors(problems))
		return
	}
	w.broken.Store(nil)
	w.current.Store(&offeredRules{set, testFaults(w.path, set)})
	w.log.Info(w.whatFollows(set), "file", w.path, "revision", set.Revision, "ruleset", set.Hash)
}

func (w *rulesWatch) whatFollows(set *rules.Set) string {
	if w.refused != nil && w.refused(set) {
		return "rules changed; not taken: their revision is older than the one in force"
	}
	return "rules changed; adopted at the next checkpoint"
}

// unchanged says whether every file of the set in force still has its text.
func (w *rulesWatch) unchanged() bool {
	for _, s := range w.current.Load().Sources {
		if text, err := readFile(s.Name); err != nil || !bytes.Equal(text, s.Text) {
			return false
		}
	}
	return true
}

// refuse says once why the file is not adopted.
func (w *rulesWatch) refuse(why string) {
	if before := w.broken.Swap(&why); before == nil || *before != why {
		w.log.Error("rules are broken; the last good ones stay in force", "file", w.path, "error", why, "revision", w.current.Load().Revision)
	}
}

// firstError gives the first error of problems with its position.
func firstError(problems []rules.Problem) string {
	for _, p := range problems {
		if p.Severity == rules.Error {
			return p.String()
		}
	}
	return ""
}

// moreErrors says how many errors there are beside the first.
func moreErrors(problems []rules.Problem) string {
	more := -1
	for _, p := range problems {
		if p.Severity == rules.Error {
			more++
		}
	}
	if more < 1 {
		return ""
	}
	return ", and " + count(uint64(more), "more error") + ": sessionguard check lists them"
}

// geoWatch offers the last good databases of files that may be replaced.
type geoWatch struct {
	log     *slog.Logger
	watcher *geo.Watcher // nil: there are no databases
	current atomic.Pointer[geo.Databases]
	refused atomic.Pointer[[]string] // roles whose file on disk is broken or gone; nil: not looked yet
}

// newGeoWatch begins with open databases; nil for none.
func newGeoWatch(db *geo.Databases, log *slog.Logger) *geoWatch {
	w := &geoWatch{log: log}
	if db != nil {
		w.watcher = geo.NewWatcher(db)
		w.current.Store(db)
	}
	return w
}

func (w *geoWatch) get() *geo.Databases { return w.current.Load() }

// refusals lists the roles whose file on disk is broken or gone.
func (w *geoWatch) refusals() []string {
	if roles := w.refused.Load(); roles != nil {
		return *roles
	}
	return nil
}

// run looks at the files until ctx ends.
func (w *geoWatch) run(ctx context.Context) {
	if w.watcher == nil {
		return
	}
	every(ctx, geoEvery, func() {
		db, err := w.watcher.Check(time.Now())
		if err != nil {
			w.log.Error("database is refused; the last good one stays", "error", oneLine(err.Error()))
		}
		if db != nil {
			w.current.Store(db)
			w.log.Info("database replaced; adopted at the next checkpoint", "build", db.Build())
		}
		roles := w.watcher.Refused()
		w.refused.Store(&roles)
	})
}

// every calls f again and again until ctx ends.
func every(ctx context.Context, period time.Duration, f func()) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f()
		}
	}
}
