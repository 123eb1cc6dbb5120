package geo

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// settleTime is how long a changed file must have been left alone before it is read: a copy in progress is not a broken
// database. A file that is renamed into place keeps its older time and is read at once.
const settleTime = 2 * time.Second

// Watcher notices that a database was replaced on disk. It does nothing by itself: its owner calls Check now and then, for
// instance before a checkpoint. It is not safe for concurrent use.
type Watcher struct {
	current *Databases
	judged  []os.FileInfo // what was last opened, or refused; nil: the file was gone
}

// NewWatcher watches the files that db was opened from.
func NewWatcher(db *Databases) *Watcher {
	w := &Watcher{current: db}
	for _, s := range db.open() {
		w.judged = append(w.judged, s.file)
	}
	return w
}

// Check looks at the files (by time, size and identity) and opens and checks those that changed. It gives the databases to
// adopt at the next checkpoint, nil when there is nothing new, and an error that says which file is refused and why. A
// refused file is reported once for each change of it; the last good database of its role stays in the set. Both results
// may be set. Checking a database takes about a second for 10 MB: call it beside the goroutine that detects.
func (w *Watcher) Check(now time.Time) (*Databases, error) {
	sources := append([]*source(nil), w.current.open()...)
	var faults []error
	changed := false
	for i, s := range sources {
		fresh, err := w.checkOne(i, s, now)
		if err != nil {
			faults = append(faults, fmt.Errorf("%w; the last good one, built %s, stays", err, s.built.Format(time.DateOnly)))
		}
		if fresh != nil {
			sources[i], changed = fresh, true
		}
	}
	if !changed {
		return nil, errors.Join(faults...)
	}
	w.current = assemble(sources)
	return w.current, errors.Join(faults...)
}

// Refused names the roles whose file on disk is not the one in use, because it is broken or gone: "city", "asn".
func (w *Watcher) Refused() []string {
	var roles []string
	for i, s := range w.current.open() {
		if w.judged[i] == nil || !same(w.judged[i], s.file) {
			roles = append(roles, s.role.name)
		}
	}
	return roles
}

func (w *Watcher) checkOne(i int, s *source, now time.Time) (*source, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		if w.judged[i] == nil {
			return nil, nil
		}
		w.judged[i] = nil
		return nil, fmt.Errorf("look at geoip %s database %q: %w", s.role.name, s.path, bare(err))
	}
	if same(info, w.judged[i]) {
		return nil, nil
	}
	if age := now.Sub(info.ModTime()); age >= 0 && age < settleTime {
		return nil, nil
	}
	w.judged[i] = info
	if same(info, s.file) { // the good one was put back
		return nil, nil
	}
	return openSource(s.role, s.path)
}

func same(a, b os.FileInfo) bool {
	return b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
