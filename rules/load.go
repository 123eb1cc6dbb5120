package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options are what loading depends on beside the files.
type Options struct {
	Today     time.Time // for warnings about dates; the zero value: none are given
	NeedTests bool      // an enforced rule without a firing and a silent test is an error (check, test); else a warning (run)

	// ReadFile reads a file that a list names, relative to the folder of its rules file (os.ReadFile does). It is not asked
	// for files that are among the sources. Nil: such a list is an error.
	ReadFile func(name string) ([]byte, error)
}

// Load compiles rules files as one set; files whose name ends in _test.yaml hold tests of its rules. The Set is nil when a
// Problem is an Error. All problems are given, in the order of files, lines and columns.
//
// Set.Sources can be loaded again, without any ReadFile.
func Load(files []Source, lang *Language, opt Options) (*Set, []Problem) {
	l := newLoader(files, lang, opt)
	for _, f := range files {
		if !f.List {
			l.read(f)
		}
	}
	if len(l.rulesFiles) == 0 && len(l.problems) == 0 {
		l.problems = append(l.problems, Problem{Position: Position{Line: 1, Column: 1}, Code: codeSyntax, Message: "there is no rules file"})
	}
	l.loadAll()
	problems := sortProblems(l.problems, files)
	if HasErrors(problems) {
		return nil, problems
	}
	l.set.Hash = hash(l.set.Sources)
	return l.set, problems
}

// loader holds what one Load has read so far. Names are resolved in the order lists, segments, policy, rules, tests,
// whatever their order in the file.
type loader struct {
	lang     *Language
	opt      Options
	problems []Problem
	set      *Set
	fields   map[string]int
	given    map[string][]byte // the text of files of lists that came with the sources

	rulesFiles []object
	testFiles  []object

	lists     map[string]*List
	listAt    map[string]node
	listUsed  map[string]bool
	segmentAt map[string]node
	segUsed   map[string]bool
	defaults  defaults
	ruleNames map[string]*Rule
	ruleAt    map[string]node
	ruleTests map[string]*tally
	blind     bool // a condition or a name could not be read: what is unused is not known
	unread    bool // a rules file could not be read: what others say of its rules is not known
	singles   map[string]node
	told      map[string]bool // unknown names that have been reported
	unclear   map[*Rule]bool  // rules whose detector or condition could not be read: what they measure is not known
	policy    policyDraft
	drafts    []draft
	tested    []draft
}

// defaults are what rules inherit.
type defaults struct {
	mode                 Mode
	cooldownMS           int64
	minFiring, minSilent int
}

func newLoader(files []Source, lang *Language, opt Options) *loader {
	l := &loader{lang: lang, opt: opt, set: &Set{Segments: []string{"default"}}, fields: make(map[string]int, len(lang.Fields)), given: map[string][]byte{},
		lists: map[string]*List{}, listAt: map[string]node{}, listUsed: map[string]bool{}, segmentAt: map[string]node{}, segUsed: map[string]bool{},
		defaults: defaults{Shadow, 10 * 60_000, 1, 1}, ruleNames: map[string]*Rule{}, ruleAt: map[string]node{}, ruleTests: map[string]*tally{}, singles: map[string]node{}, told: map[string]bool{}, unclear: map[*Rule]bool{}}
	l.set.Policy = shippedPolicy()
	l.policy = policyDraft{ladder: shippedLadder(), rungAt: map[Action]node{}, segments: map[int]ladder{}}
	for i := range lang.Fields {
		l.fields[lang.Fields[i].Name] = i
	}
	for _, f := range files {
		if f.List {
			l.given[f.Name] = f.Text
		}
	}
	return l
}

func (l *loader) report(p Problem) {
	switch {
	case len(l.problems) < maxProblems:
		l.problems = append(l.problems, p)
	case len(l.problems) == maxProblems:
		l.problems = append(l.problems, Problem{p.Position, Error, codeSyntax, fmt.Sprintf("there are more than %d problems; the rest is not shown", maxProblems), ""})
	}
}

func (l *loader) fail(n node, code, hint, format string, args ...any) {
	l.report(Problem{n.position(), Error, code, fmt.Sprintf(format, args...), hint})
}

func (l *loader) warn(n node, code, hint, format string, args ...any) {
	l.report(Problem{n.position(), Warning, code, fmt.Sprintf(format, args...), hint})
}

// read parses one file and checks its top level.
func (l *loader) read(f Source) {
	tests := strings.HasSuffix(f.Name, "_test.yaml") || strings.HasSuffix(f.Name, "_test.yml")
	root, ok := l.parse(f)
	if !ok {
		l.unread = l.unread || !tests
		return
	}
	if tests {
		if o, ok := l.object(root, "a file of tests", "version", "tests"); ok {
			l.testFiles = append(l.testFiles, o)
		}
		return
	}
	l.set.Sources = append(l.set.Sources, f)
	if v := lookup(root, "version"); v.Node != nil && !v.isNull() && !l.checkVersion(v) {
		l.unread = true
		return // its keys may mean something else: whatever else could be said of it may be wrong
	}
	o, ok := l.object(root, "a rules file", "version", "revision", "defaults", "lists", "segments", "exempt", "policy", "rules")
	if !ok {
		return
	}
	l.must(o, "version", "write version: 1")
	l.rulesFiles = append(l.rulesFiles, o)
}

// checkVersion refuses a format that this program does not know.
func (l *loader) checkVersion(n node) bool {
	known := n.Value == "1" && n.ShortTag() == "!!int"
	if !known {
		l.fail(n, codeForm, "write version: 1", "this program reads version 1 of the format, not %s", shown(n))
	}
	return known
}

// loadAll resolves the files in the order of what depends on what.
func (l *loader) loadAll() {
	each := func(load func(object)) {
		for _, o := range l.rulesFiles {
			load(o)
		}
	}
	each(l.loadRevision)
	each(l.loadDefaults)
	each(l.loadLists)
	each(l.loadSegments)
	each(l.loadExempt)
	each(l.loadPolicy)
	l.finishPolicy()
	each(l.loadRules)
	l.someRules()
	each(l.loadInlineTests)
	for _, o := range l.testFiles {
		if !l.unread {
			l.loadTestFile(o)
		}
	}
	l.index()
	l.lint()
}

// single gives a key that only one of the files may have.
func (l *loader) single(o object, key string) (node, bool) {
	v, ok := l.get(o, key)
	if !ok {
		return v, false
	}
	if first, twice := l.singles[key]; twice {
		l.fail(o.keys[key], codeDuplicate, "first at "+first.position().String(), "%s may stand in one file only", key)
		return v, false
	}
	l.singles[key] = o.keys[key]
	return v, true
}

func (l *loader) loadRevision(o object) {
	if v, ok := l.single(o, "revision"); ok {
		l.set.Revision, _ = l.text(v, "revision")
	}
}

func (l *loader) loadDefaults(o object) {
	v, ok := l.single(o, "defaults")
	if !ok {
		return
	}
	d, ok := l.object(v, "defaults", "mode", "cooldown", "on_missing", "tests")
	if !ok {
		return
	}
	if v, ok := l.get(d, "mode"); ok {
		if i, ok := l.word(v, "mode", modeNames[:]); ok {
			l.defaults.mode = Mode(i)
		}
	}
	if v, ok := l.get(d, "cooldown"); ok {
		if ms, ok := l.period(v, "cooldown"); ok {
			l.defaults.cooldownMS = ms
		}
	}
	if v, ok := l.get(d, "on_missing"); ok {
		l.word(v, "on_missing", []string{"skip"}) // the only answer: absent is never evidence
	}
	if v, ok := l.get(d, "tests"); ok {
		l.loadMinimum(v)
	}
}

func (l *loader) loadMinimum(n node) {
	t, ok := l.object(n, "tests", "min_firing", "min_silent")
	if !ok {
		return
	}
	for key, into := range map[string]*int{"min_firing": &l.defaults.minFiring, "min_silent": &l.defaults.minSilent} {
		if v, ok := l.get(t, key); ok {
			*into, _ = l.whole(v, key, 0, 1000)
		}
	}
}

// compile reads a condition. Nil when it cannot be used; the reason has been reported then.
func (l *loader) compile(n node, what string) *Condition {
	text, ok := l.text(n, what)
	if !ok {
		return nil
	}
	if n.ShortTag() == "!!bool" {
		l.fail(n, codeConstant, "remove it", "a condition that is always %s", text)
		return nil
	}
	t, err := parseCondition(text)
	if err != nil {
		e := err.(*exprError)
		l.tellWithin(n, e.at, Error, e.code, e.hint, e.message)
		l.blind = true
		return nil
	}
	c := compiler{lang: l.lang, lists: l.lists, fields: l.fields, told: l.told, used: func(list string) { l.listUsed[list] = true },
		tell: func(at int, s Severity, code, hint, message string) { l.tellWithin(n, at, s, code, hint, message) }}
	eval := c.condition(t)
	if eval == nil {
		l.blind = true
		return nil
	}
	return &Condition{text: strings.TrimSpace(text), eval: eval, uses: c.uses}
}

func (l *loader) tellWithin(n node, at int, s Severity, code, hint, message string) {
	l.report(Problem{n.within(at), s, code, message, hint})
}

// hash names what decides: the texts of rules and lists in their order, not where the files lie, nor tests.
func hash(sources []Source) string {
	h := sha256.New()
	for _, s := range sources {
		fmt.Fprintf(h, "%t %d\n", s.List, len(s.Text))
		h.Write(s.Text)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// index builds the tables by which the engine finds rules.
func (l *loader) index() {
	s := l.set
	s.byDetector = make([][]*Rule, len(l.lang.Detectors))
	s.byEvent = make([][]*Rule, len(l.lang.EventTypes))
	for _, r := range s.Rules {
		live := slices.ContainsFunc(r.variants, func(v Variant) bool { return v.Mode != Off })
		switch {
		case !live:
		case r.Detector >= 0:
			s.byDetector[r.Detector] = append(s.byDetector[r.Detector], r)
		default:
			for t := range s.byEvent {
				if r.LooksAt(t) {
					s.byEvent[t] = append(s.byEvent[t], r)
				}
			}
		}
	}
}
