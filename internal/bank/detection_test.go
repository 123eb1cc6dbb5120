package bank

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
	"github.com/sessionguard/sessionguard/rules"
)

// A larger world, for the figures in docs/simulator.md.
var (
	measureUsers   = flag.Int("users", 2000, "customers of the world that the shipped rules are measured on")
	measureDays    = flag.Int("days", 1, "its days")
	measureAttacks = flag.Int("attacks", 20, "its attacks of each kind")
	measureSeed    = flag.Uint64("seed", 31, "its seed")
	measureDealt   = flag.Int("partitions", 48, "among which its events are dealt")
)

// watcher is the product's own chain, with the shipped rules and the synthetic internet's databases.
type watcher struct {
	reader ingest.Worker
	house  *detector.House
	line   int64
}

func newWatcher(t testing.TB) *watcher {
	t.Helper()
	files, err := internet.New().WriteDatabases(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db, err := geo.Open(geo.Files{City: files.City, ASN: files.ASN, Anonymous: files.Anonymous, ConnectionType: files.ConnectionType})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: text}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	dealing := detector.Dealing{Partitions: *measureDealt, Key: ingest.Key, PartitionOf: kafka.PartitionOf}
	return &watcher{reader: ingest.Worker{Enricher: enrich.New(db, false)}, house: detector.NewHouse(detector.Config{Rules: set, GeoBuild: db.Build()}, dealing)}
}

// see gives the decisions on an event, those that verdicts brought too.
func (w *watcher) see(t *testing.T, p *Published) (decisions []detector.Decision) {
	t.Helper()
	w.house.Observe(w.read(t, p), func(_ *detector.Event, out detector.Outcome) { decisions = append(decisions, out.Decisions...) })
	return decisions
}

// read gives the event as the engine is shown it, until the next call.
func (w *watcher) read(t testing.TB, p *Published) *detector.Event {
	t.Helper()
	w.line++
	e, err := w.reader.Read(cloudevents.Message{Value: p.JSON}, detector.Record{Offset: w.line, Key: p.Key})
	if err != nil {
		t.Fatalf("%v: %s", err, p.JSON)
	}
	return e
}

// rulesOfToday are the kinds that the first rules were written for, and that need no history: one day is enough to see them. What
// the others come to stands in docs/detection.md.
var rulesOfToday = []AttackKind{CookieTheftAbroad, CookieTheftNearby, ScriptedReplay, TakingTurns, UseAfterLogout, HeadlessReplay, DormantRevived}

// TestShippedRulesSeeEveryKindOfAttack measures the shipped rules with the instrument itself: a world that obeys.
func TestShippedRulesSeeEveryKindOfAttack(t *testing.T) {
	cfg := Config{Users: *measureUsers, Seed: *measureSeed, For: time.Duration(*measureDays) * 24 * time.Hour, Attacks: EveryKind(*measureAttacks)}
	w, score := newWatcher(t), NewScore()
	play(t, cfg, func(b *Bank, p *Published) {
		score.Event(p)
		for _, d := range w.see(t, p) {
			score.Answer(Answer{SessionID: d.SessionID, UserID: d.UserID, Action: d.Action.String(), Mode: d.Mode.String(), TimeMS: d.TimeMS})
			if d.Command == "sent" {
				b.Obey(d.Action.String(), d.SessionID, d.UserID, d.TimeMS)
			}
		}
	})
	var table strings.Builder
	if err := score.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	for _, k := range score.Tallies() {
		if k.Attacks < *measureAttacks-1 {
			t.Errorf("%s: %d attacks", k.Attack, k.Attacks)
		}
		if slices.Contains(rulesOfToday, attackNamed(k.Attack)) && k.Detected*20 < k.Attacks*19 {
			t.Errorf("%s: %d attacks, %d detected", k.Attack, k.Attacks, k.Detected)
		}
	}
	if score.honest.revokes > 0 {
		t.Errorf("%d honest sessions were ended", score.honest.revokes)
	}
	if score.honest.alarmed*200 > score.sessions {
		t.Errorf("%d false alarms in %d sessions", score.honest.alarmed, score.sessions)
	}
}
