package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/internal/bank"
)

// scored is one line of events as the scoreboard sees it: its label, and what was decided on it.
type scored struct {
	label   bank.Label
	user    string // of a thief's event: whose money he is after
	timeMS  int64  // 0 for what cannot be an event
	answers []bank.Answer
	misfit  string // what the event is, when it is another one than the label's
}

// scoring reads labels side by side with the events and counts.
type scoring struct {
	path, events string
	file         io.Closer // nil until the first event is there
	labels       *bank.Labels
	score        *bank.Score
	batch        []scored
	lines        int64
	timeMS       int64 // of the last event that was one
}

func newScoring(path, events string, after time.Duration) *scoring {
	score := bank.NewScore()
	score.After = after
	return &scoring{path: path, events: eventsName(events), score: score}
}

// attach gives each line of a batch its label, and the lines that have one. The file is opened when the first events are there: whoever writes both,
// as simulate does into a pipe, has written the labels by then.
func (s *scoring) attach(batch []line) ([]line, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.batch = append(s.batch[:0], make([]scored, len(batch))...)
	for i := range batch {
		label, err := s.labels.Next()
		if errors.Is(err, io.EOF) {
			return batch[:i], unusable("%s ends after %s, but %s goes on with line %d", s.path, count(uint64(s.lines), "label"), s.events, batch[i].number)
		}
		if err != nil {
			return batch[:i], unusable("%s:%d: %w", s.path, s.labels.Line(), err)
		}
		s.lines++
		s.batch[i].label = label
		batch[i].scored = &s.batch[i]
	}
	return batch, nil
}

func (s *scoring) open() error {
	if s.file != nil {
		return nil
	}
	f, err := os.Open(s.path)
	if err != nil {
		return unusable("cannot read labels: %w", err)
	}
	s.file, s.labels = f, bank.ReadLabels(f)
	return nil
}

// count counts a batch that was judged. What cannot be an event happened at the time of the one before.
func (s *scoring) count(batch []line) error {
	for _, at := range batch {
		l := at.scored
		if l.misfit != "" {
			return unusable("the labels do not fit the events: %s:%d is %s, its label is of event %q of %q", s.events, at.number, l.misfit, l.label.EventID, l.label.Source)
		}
		if l.timeMS != 0 {
			s.timeMS = l.timeMS
		}
		s.score.Event(&bank.Published{Key: l.user, TimeMS: s.timeMS, Label: l.label})
		for i := range l.answers {
			s.score.Answer(l.answers[i])
		}
	}
	return nil
}

// finish checks that no label is left, and writes the scoreboard.
func (s *scoring) finish(out io.Writer, format string) error {
	if err := s.open(); err != nil {
		return err
	}
	defer s.file.Close()
	if _, err := s.labels.Next(); !errors.Is(err, io.EOF) {
		return unusable("%s goes on after %s, where %s ends", s.path, count(uint64(s.lines), "label"), s.events)
	}
	board := s.score.Scoreboard()
	if format == formatNDJSON {
		return board.WriteJSON(out)
	}
	return board.WriteTable(out)
}

// keepScore notes what the scoreboard counts of an outcome. Strings of events are valid for one line only.
func (r *replay) keepScore(o detector.Outcome) {
	s, e := r.line.scored, r.line.event
	if s.label.EventID != e.ID || s.label.Source != "" && s.label.Source != e.Source {
		s.misfit = fmt.Sprintf("event %q of %q", e.ID, e.Source)
	}
	s.timeMS = e.TimeMS
	if s.label.Actor == bank.Thief {
		s.user = strings.Clone(e.User.ID)
	}
	for i := range o.Decisions {
		d := &o.Decisions[i]
		s.answers = append(s.answers, bank.Answer{SessionID: strings.Clone(d.SessionID), UserID: strings.Clone(d.UserID),
			Network: s.label.Network, Action: d.Action.String(), Mode: d.Mode.String(), Rule: leadingRule(d), TimeMS: d.TimeMS, Prompt: true})
	}
}

func leadingRule(d *detector.Decision) string {
	if len(d.Findings) == 0 {
		return ""
	}
	return d.Findings[0].Rule
}
