package ingest_test

import (
	"os"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
	"github.com/sessionguard/sessionguard/rules"
)

func loadShipped(t testing.TB) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: text}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// A day of the synthetic bank through decoder, real databases and engine: thieves are answered, and few honest
// customers are asked anything on a first day, when no network is known yet. docs/detection.md tells what they bear later.
func TestSyntheticDay(t *testing.T) {
	// The kinds that need no habits, which nobody has on a first day.
	attacks, err := bank.ParseMix("cookie-theft-abroad=6,cookie-theft-same-city-other-browser=6,scripted-replay=6,taking-turns=6,use-after-logout=6", 1500, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	world, err := bank.New(bank.Config{Users: 1500, Seed: 20261122, For: 24 * time.Hour, Attacks: attacks})
	if err != nil {
		t.Fatal(err)
	}
	files, err := internet.New().WriteDatabases(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db, err := geo.Open(geo.Files{City: files.City, ASN: files.ASN, Anonymous: files.Anonymous, ConnectionType: files.ConnectionType})
	if err != nil {
		t.Fatal(err)
	}
	w := ingest.Worker{Enricher: enrich.New(db, false), Engine: detector.New(detector.Config{Rules: loadShipped(t), GeoBuild: db.Build()})}
	score := bank.NewScore()
	for n := int64(1); ; n++ {
		p, ok := world.Next()
		if !ok {
			break
		}
		score.Event(&p)
		_, out, err := w.Process(cloudevents.Message{Value: p.JSON}, detector.Record{Topic: "test", Offset: n})
		if err != nil {
			t.Fatalf("event %d: %v", n, err)
		}
		for i := range out.Decisions {
			d := &out.Decisions[i]
			score.Answer(bank.Answer{SessionID: d.SessionID, Action: d.Action.String(), Mode: d.Mode.String(), TimeMS: d.TimeMS})
		}
	}
	for _, k := range score.Tallies() {
		if k.Attacks == 0 || k.Detected != k.Attacks {
			t.Errorf("%+v", k)
		}
	}
	if s := score.Summary(); s.FalseAlarms*200 > s.Sessions || s.Sessions < 1000 {
		t.Errorf("%+v", s)
	}
}
