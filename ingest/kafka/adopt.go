package kafka

import (
	"cmp"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// adopt changes to the rules and the geography that are offered now, when they are new and may be. It is called at a
// barrier, and the checkpoint that follows must be committed before the next event is judged.
func (o *owner) adopt() (changed bool) {
	if o.next < o.adoptFrom {
		return false
	}
	set, db := o.stage.cfg.Current()
	if !o.stage.supersedes(set, o.set) {
		set = o.set
	}
	mode := o.changesMode()
	if set.Hash == o.set.Hash && db == o.geo && !mode {
		return false
	}
	if mode {
		o.observeOnly(o.stage.cfg.Engine.ObserveOnly)
		o.stage.cfg.Log.Info("observe-only switched", "partition", o.part.Number, "offset", o.next, "observe_only", o.silent)
	}
	if set.Hash != o.set.Hash {
		o.stage.cfg.Log.Info("rules adopted", "partition", o.part.Number, "offset", o.next, "revision", set.Revision, "ruleset", set.Hash, "before", o.set.Revision)
	}
	if db != o.geo {
		o.stage.cfg.Log.Info("geography adopted", "partition", o.part.Number, "offset", o.next, "build", buildOf(db), "before", buildOf(o.geo))
	}
	o.set, o.geo = set, db
	o.judge.Adopt(set, db)
	return true
}

// supersedes says whether an offered set takes the place of the one in force: a higher revision does, a lower one never
// (a member that still has an old file must not take new rules back; going back is a new revision), and with the same
// revision the offered text does, because it is what the operator sees on disk. In a group of several members a changed
// text needs a new revision, or the members would each bring their own.
func (s *Stage) supersedes(offered, inForce *rules.Set) bool {
	if offered == nil || offered.Hash == inForce.Hash {
		return false
	}
	switch c := compareRevisions(offered.Revision, inForce.Revision); {
	case c < 0:
		s.sayOnce("older "+offered.Hash, "offered rules have an older revision than those in force and are not taken: a way back is a new revision",
			"offered", offered.Revision, "in_force", inForce.Revision)
		return false
	case c == 0:
		s.sayOnce("same "+offered.Hash, "rules changed without a new revision: give them one, or members with different files will each bring their own",
			"revision", offered.Revision)
	}
	return true
}

// sayOnce warns once in the life of the stage.
func (s *Stage) sayOnce(key, text string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.said[key] {
		s.said[key] = true
		s.cfg.Log.Warn(text, args...)
	}
}

// compareRevisions orders revisions as people count them: runs of digits by their number, all else by its text, so that
// "2026-09-22.10" comes after "2026-09-22.9", and a longer one after its own beginning.
func compareRevisions(a, b string) int {
	for a != "" && b != "" {
		x, y := revisionPart(&a), revisionPart(&b)
		if isDigit(x[0]) && isDigit(y[0]) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// revisionPart cuts the first run of digits, or of what is none, off s.
func revisionPart(s *string) string {
	n := 1
	for n < len(*s) && isDigit((*s)[n]) == isDigit((*s)[0]) {
		n++
	}
	part := (*s)[:n]
	*s = (*s)[n:]
	return part
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
