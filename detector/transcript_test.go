package detector_test

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the transcripts with what the engine says; commit only what you understand")

// Transcripts are stories: a line is an event, and under it, indented, stands what the engine answered. A line is
//
//	TIME TYPE [name=value ...]
//
// TIME is a duration after the start; TYPE an event type without what every story repeats. Names are those of the event's
// fields; shorthands: at=PLACE and with=CLIENT set the fields of the tables below, s, u and amount are session.id, user.id and
// action.amount; of=TIME names the command, or to an analyst the decision, that was answered last at that time. A line "# ..." is a comment.
// Orders to the engines: "! anew", which forgets all; "! observe-only"; "! restart"; "! brake revokes=2 step-ups=3", which lets no more through than that in the time of
// each brake, so that a story need not tell of a thousand sessions; and "! partitions N": the events after it are dealt over so many
// partitions, which know nothing of each other but by the second stage. What a partition sends there stands as "tells KEY", what comes back as
// "verdict to KEY", with the key by which it finds its partition, or "to everybody"; questions whose session or token began elsewhere only after
// "! asks".
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	set := loadShipped(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, set, want)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s: the engine says otherwise (go test ./detector -update, then look at the difference):\n%s", file, firstDifference(want, got))
			}
		})
	}
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], strings.Join(g[min(i, len(g)):min(i+1, len(g))], ""))
		}
	}
	return "more lines than wanted"
}

var places = map[string]string{
	"stockholm":    "client.ip=203.0.113.7 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=20 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"stockholm-b":  "client.ip=203.0.113.200 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=20 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"stockholm-6":  "client.ip=2001:db8:7::1 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=50 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"carrier":      "client.ip=198.51.100.77 client.geo.lat=57.7 client.geo.lon=11.97 client.geo.accuracy_radius_km=200 client.geo.country=SE client.geo.asn=64510 client.geo.connection_type=Cellular",
	"office":       "client.ip=198.51.101.9 client.geo.lat=59.4 client.geo.lon=17.95 client.geo.accuracy_radius_km=5 client.geo.country=SE client.geo.city=Kista client.geo.asn=64520 client.geo.connection_type=Corporate",
	"cafe":         "client.ip=198.51.102.9 client.geo.lat=59.3 client.geo.lon=18.1 client.geo.accuracy_radius_km=20 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64521",
	"oslo":         "client.ip=192.0.2.20 client.geo.lat=59.91 client.geo.lon=10.75 client.geo.accuracy_radius_km=20 client.geo.country=NO client.geo.city=Oslo client.geo.asn=64530",
	"changchun":    "client.ip=192.0.2.44 client.geo.lat=43.88 client.geo.lon=125.32 client.geo.accuracy_radius_km=100 client.geo.country=CN client.geo.city=Changchun client.geo.asn=64540",
	"new-york":     "client.ip=192.0.2.60 client.geo.lat=40.71 client.geo.lon=-74.0 client.geo.accuracy_radius_km=20 client.geo.country=US client.geo.city=New_York client.geo.asn=64550",
	"lagos":        "client.ip=192.0.2.70 client.geo.lat=6.5 client.geo.lon=3.4 client.geo.accuracy_radius_km=10 client.geo.country=NG client.geo.city=Lagos client.geo.asn=64570",
	"tokyo":        "client.ip=192.0.3.71 client.geo.lat=35.68 client.geo.lon=139.7 client.geo.accuracy_radius_km=10 client.geo.country=JP client.geo.city=Tokyo client.geo.asn=64571",
	"proxy":        "client.ip=198.51.112.9 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=20 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"relay":        "client.ip=198.51.106.5 client.geo.country=SE client.geo.asn=64583 client.geo.anonymous=relay",
	"gothenburg6":  "client.ip=2001:db8:50::1 client.geo.lat=57.7 client.geo.lon=11.97 client.geo.accuracy_radius_km=20 client.geo.country=SE client.geo.city=Gothenburg client.geo.asn=64500",
	"los-angeles6": "client.ip=2001:db8:60::1 client.geo.lat=34.05 client.geo.lon=-118.2 client.geo.accuracy_radius_km=20 client.geo.country=US client.geo.city=Los_Angeles client.geo.asn=64584",
	"se-only":      "client.ip=198.51.103.5 client.geo.country=SE client.geo.asn=64580",
	"ng-only":      "client.ip=198.51.104.5 client.geo.country=NG client.geo.asn=64581",
	"line-6a":      "client.ip=2001:db8:9::1 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=50 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"line-6b":      "client.ip=2001:db8:9::2 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=50 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64500",
	"warsaw":       "client.ip=198.51.105.5 client.geo.lat=51.5 client.geo.lon=18.07 client.geo.accuracy_radius_km=10 client.geo.country=PL client.geo.asn=64582",
	"vpn":          "client.ip=192.0.2.80 client.geo.lat=1.35 client.geo.lon=103.8 client.geo.accuracy_radius_km=20 client.geo.country=SG client.geo.asn=64560 client.geo.anonymous=vpn",
	"nowhere":      "client.ip=192.0.2.99",
	"zero":         "client.ip=192.0.2.98 client.geo.lat=0 client.geo.lon=0",
	"exit":         "client.ip=192.0.2.140 client.geo.lat=50.11 client.geo.lon=8.68 client.geo.accuracy_radius_km=10 client.geo.country=DE client.geo.city=Frankfurt client.geo.asn=64600",
	"hamburg":      "client.ip=198.51.111.5 client.geo.lat=53.55 client.geo.lon=10 client.geo.accuracy_radius_km=10 client.geo.country=DE client.geo.city=Hamburg client.geo.asn=64501 client.geo.connection_type=Cable/DSL",
	"berlin":       "client.ip=198.51.112.5 client.geo.lat=52.52 client.geo.lon=13.4 client.geo.accuracy_radius_km=10 client.geo.country=DE client.geo.city=Berlin client.geo.asn=64502 client.geo.connection_type=Cable/DSL",
	"munich":       "client.ip=198.51.113.5 client.geo.lat=48.14 client.geo.lon=11.58 client.geo.accuracy_radius_km=10 client.geo.country=DE client.geo.city=Munich client.geo.asn=64503 client.geo.connection_type=Cable/DSL",
	"gateway-fra":  "client.ip=198.51.114.5 client.geo.lat=50.11 client.geo.lon=8.68 client.geo.accuracy_radius_km=10 client.geo.country=DE client.geo.city=Frankfurt client.geo.asn=64650 client.geo.connection_type=Corporate",
	"gateway-ams":  "client.ip=198.51.115.5 client.geo.lat=52.37 client.geo.lon=4.9 client.geo.accuracy_radius_km=10 client.geo.country=NL client.geo.city=Amsterdam client.geo.asn=64650 client.geo.connection_type=Corporate",
	"relay-b":      "client.ip=198.51.116.5 client.geo.lat=59.33 client.geo.lon=18.07 client.geo.accuracy_radius_km=10 client.geo.country=SE client.geo.city=Stockholm client.geo.asn=64651 client.geo.connection_type=Corporate",
	"private":      "client.ip=10.1.2.3 client.geo.lat=1 client.geo.lon=1 client.geo.country=US",
}

var clients = map[string]string{
	"chrome":     "client.agent.browser=Chrome client.agent.browser_version=141 client.agent.engine=Blink client.agent.os=Windows client.agent.device_class=desktop client.accept_language=sv-SE",
	"chrome-142": "client.agent.browser=Chrome client.agent.browser_version=142 client.agent.engine=Blink client.agent.os=Windows client.agent.device_class=desktop client.accept_language=sv-SE",
	"firefox":    "client.agent.browser=Firefox client.agent.browser_version=140 client.agent.engine=Gecko client.agent.os=Linux client.agent.device_class=desktop client.accept_language=en-US",
	"phone":      "client.agent.browser=Chrome client.agent.browser_version=141 client.agent.engine=Blink client.agent.os=Android client.agent.device_class=phone",
	"phone-desk": "client.agent.browser=Chrome client.agent.browser_version=141 client.agent.engine=Blink client.agent.os=Linux client.agent.device_class=desktop",
	"brave":      "client.agent.browser=Chrome client.agent.brand=Brave client.agent.browser_version=141 client.agent.engine=Blink client.agent.os=Windows client.agent.device_class=desktop client.accept_language=sv-SE",
	"curl":       "client.agent.browser=curl client.agent.browser_version=8 client.agent.engine=none client.agent.scripted=true",
	"headless":   "client.agent.browser=HeadlessChrome client.agent.browser_version=141 client.agent.engine=Blink client.agent.os=Linux client.agent.headless=true",
}

var storyStart = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// story is a transcript being played.
type story struct {
	set     *rules.Set
	cfg     detector.Config
	house   *detector.House
	asks    bool   // the story tells of questions about sessions and tokens
	last    string // the verdict that was written last
	line    int
	at      string            // of the event that is observed
	decided map[string]string // by the decision's id, when it was made
	made    map[string]string // by when it was made, the last decision's id, and
	sent    map[string]string // the last command's
	out     bytes.Buffer
}

func play(t *testing.T, set *rules.Set, text []byte) []byte {
	st := story{set: set, cfg: detector.Config{Rules: set, GeoBuild: "story"}, decided: map[string]string{}, made: map[string]string{}, sent: map[string]string{}}
	st.house = st.newHouse()
	for in := bufio.NewScanner(bytes.NewReader(text)); in.Scan(); {
		line := in.Text()
		if strings.HasPrefix(line, "    ") {
			continue
		}
		st.line++
		fmt.Fprintln(&st.out, line)
		switch fields := strings.Fields(line); {
		case len(fields) == 0 || fields[0] == "#":
		case fields[0] == "!":
			st.order(t, fields[1:])
		default:
			st.observe(t, fields)
		}
	}
	return st.out.Bytes()
}

func (st *story) order(t *testing.T, words []string) {
	old := st.house
	switch words[0] {
	case "brake":
		st.brake(t, words[1:])
	case "observe-only":
		st.cfg.ObserveOnly = true
		st.house = st.newHouse()
	case "partitions":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			t.Fatal(err)
		}
		st.cfg.Partitions = n
		st.house = st.newHouse()
	case "asks":
		st.asks = true
	case "anew":
		st.house = st.newHouse()
	case "restart":
		st.house = st.newHouse()
		for i := range old.First {
			handOver(t, old.First[i], st.house.First[i])
			handOver(t, old.Second[i], st.house.Second[i])
		}
	default:
		t.Fatalf("order %q", words)
	}
}

// handOver takes an engine's state to another one, as a restart does.
func handOver(t rapid.TB, from, to *detector.Engine) {
	var snapshot bytes.Buffer
	if err := from.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	if err := to.Restore(&snapshot); err != nil {
		t.Fatal(err)
	}
}

func (st *story) newHouse() *detector.House {
	return detector.NewHouse(st.cfg, detector.Dealing{Partitions: st.cfg.Partitions, Key: keyOf, PartitionOf: deal})
}

// brake begins a new house whose brakes have other counts, and no share.
func (st *story) brake(t *testing.T, settings []string) {
	set := *st.set
	set.Policy.Brake[rules.RevokeSession].Share, set.Policy.Brake[rules.RequireReauth].Share = 0, 0
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		n, err := strconv.Atoi(value)
		act, ok := map[string]rules.Action{"revokes": rules.RevokeSession, "step-ups": rules.RequireReauth}[name]
		if err != nil || !ok {
			t.Fatalf("brake %q", s)
		}
		set.Policy.Brake[act].Count = n
	}
	st.cfg.Rules = &set
	st.house = st.newHouse()
}

// deal gives the partition of a key among n, for tests: any hash does.
func deal(key []byte, n int) int {
	h := fnv.New32a()
	h.Write(key)
	return int(h.Sum32() % uint32(n))
}

// keyOf is the Kafka key of a customer's event: the user where known, else the session.
func keyOf(e *detector.Event) string {
	if e.User.ID == "" && e.Session.ID == "" && e.Type == detector.SessionUnknownID {
		return "ip:" + e.Client.IP.String()
	}
	return cmp.Or(e.User.ID, e.Session.ID)
}

// event makes the event of a line: its time after the story's beginning, its type, and its fields.
func (st *story) event(t *testing.T, fields []string, line int) detector.Event {
	after, err := time.ParseDuration(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	e := detector.Event{ID: fmt.Sprintf("e%d", line), Source: "/story", TypeName: fields[1], Type: detector.ParseEventType(fields[1]), TimeMS: storyStart.Add(after).UnixMilli()}
	e.Record = detector.Record{Topic: "story", Offset: int64(line)}
	e.Session.ID, e.User.ID = "ses_1", "anna"
	for _, f := range fields[2:] {
		st.assign(t, &e, f)
	}
	return e
}

func (st *story) observe(t *testing.T, fields []string) {
	e := st.event(t, fields, st.line)
	st.at = fields[0]
	st.house.Observe(&e, st.show)
}

// leavesOut says whether the story is not about sessions and tokens that began elsewhere: in most stories all do.
func (st *story) leavesOut(key string) bool {
	return !st.asks && (strings.HasPrefix(key, "sid:") || strings.HasPrefix(key, "tok:"))
}

// show writes what an event brought, or a verdict.
func (st *story) show(e *detector.Event, out detector.Outcome) {
	if quiet := e.Record.Key == "" && st.leavesOut(e.Observation.Key); e.Type == detector.ObservationVerdict && !quiet && e.ID+e.Record.Key != st.last { // else told to one partition after the other
		fmt.Fprintf(&st.out, "    verdict to %s: %s\n", cmp.Or(e.Record.Key, "everybody"), strings.TrimSpace(e.Observation.Key+" "+e.Observation.Rule+knowledge(&e.Observation)))
		st.last = e.ID + e.Record.Key
	}
	if out.Fate != detector.Evaluated {
		fmt.Fprintf(&st.out, "    %s\n", out.Fate)
	}
	for i := range out.Decisions {
		st.decision(&out.Decisions[i])
		st.made[st.at] = out.Decisions[i].ID
	}
	for i := range out.Commands {
		c := &out.Commands[i]
		st.sent[st.at] = c.ID
		fmt.Fprintf(&st.out, "    command %s %s attempt %d, %s\n", c.Action, c.SessionID, c.Attempt, time.Duration(c.ExpiresAtMS-c.IssuedAtMS)*time.Millisecond)
	}
	for i := range out.Observations {
		if out.Observations[i].Type == detector.ObservationVerdict {
			continue // it stands as a verdict, when it is heard
		}
		told := &out.Observations[i].Observation
		if everyday := told.Sight == detector.SightBegan || told.Sight == detector.SightCame; everyday || (told.Sight != "" || told.Path != 0) && st.cfg.Partitions == 0 {
			continue // a story of one partition does not tell of the second stage
		}
		if st.leavesOut(told.Key) {
			continue
		}
		fmt.Fprintf(&st.out, "    tells %s\n", strings.TrimSpace(told.Key+" "+told.Sight+pathWord(told.Path)))
	}
}

func pathWord(p detector.Enum) string {
	if p == 0 {
		return ""
	}
	return detector.Paths[p-1]
}

// knowledge puts what all partitions are told into words.
func knowledge(o *detector.Observation) string {
	if o.Knows == 0 {
		return ""
	}
	what := detector.Knowledge[o.Knows-1]
	if o.FromASN.Set {
		what += fmt.Sprintf(" between AS%d and", o.FromASN.V)
	}
	if o.Network != "" {
		what += fmt.Sprintf(" %s of", o.Network)
	}
	what += fmt.Sprintf(" AS%d, %d users", o.ASN.V, o.LearnedFrom.V)
	if o.Homes.Set {
		what += fmt.Sprintf(" of %d homes", o.Homes.V)
	}
	at := func(m detector.Moment) time.Duration { return time.UnixMilli(m.MS).Sub(storyStart) }
	return what + fmt.Sprintf(", learned after %s, until %s", at(o.LearnedAt), at(o.Until))
}

func (st *story) assign(t rapid.TB, e *detector.Event, setting string) {
	name, value, ok := strings.Cut(setting, "=")
	if !ok {
		t.Fatalf("%q is no name=value", setting)
	}
	switch name {
	case "at":
		st.setAll(t, e, places[value], value)
	case "with":
		st.setAll(t, e, clients[value], value)
	case "s":
		e.Session.ID = value
	case "u":
		e.User.ID = value
	case "id":
		e.ID = value
	case "of":
		if e.Type == detector.VerdictRecorded {
			e.Verdict.DecisionID = st.made[value]
		} else {
			e.Command.ID = st.sent[value]
		}
	default:
		if err := detector.AssignText(e, name, spaced(name, value)); err != nil {
			t.Fatal(err)
		}
	}
}

// spaced puts spaces into a value for its underscores, but into the words of a closed list.
func spaced(name, value string) string {
	for i := range detector.EventFields {
		if f := &detector.EventFields[i]; f.Name == name && slices.Contains(f.Enum, value) {
			return value
		}
	}
	return strings.ReplaceAll(value, "_", " ")
}

func (st *story) setAll(t rapid.TB, e *detector.Event, settings, name string) {
	if settings == "" {
		t.Fatalf("nothing is called %q", name)
	}
	for _, s := range strings.Fields(settings) {
		st.assign(t, e, s)
	}
}

func (st *story) decision(d *detector.Decision) {
	fmt.Fprintf(&st.out, "    %s", d.Action)
	if d.Retracts != "" {
		fmt.Fprintf(&st.out, " the decision of %s, %s", st.decided[d.Retracts], d.Reason)
	}
	if d.Control != "" {
		fmt.Fprintf(&st.out, " on the order %s, %s", d.Control, d.Reason)
	}
	st.decided[d.ID] = time.UnixMilli(d.TimeMS).Sub(storyStart).String()
	if d.Mode == rules.Shadow {
		fmt.Fprintf(&st.out, " (shadow: would %s)", d.Would)
	}
	fmt.Fprintf(&st.out, ", score %d after %d", d.Score, d.PreviousScore)
	if d.Braked != rules.None {
		fmt.Fprintf(&st.out, ", braked %s", d.Braked)
	}
	if d.TrustedUntil != 0 {
		fmt.Fprintf(&st.out, ", trusted until %s", time.UnixMilli(d.TrustedUntil).Sub(storyStart))
		if d.Control == "" {
			fmt.Fprintf(&st.out, ", would %s", d.Would)
		}
	}
	for _, b := range d.Lifted {
		fmt.Fprintf(&st.out, ", lifted %s, which held back %d since %s", b.Brake, b.Held, time.UnixMilli(b.SinceMS).Sub(storyStart))
	}
	if d.Command == "repeated" {
		fmt.Fprint(&st.out, ", command in force")
	}
	fmt.Fprintln(&st.out)
	for i := range d.Findings {
		f := &d.Findings[i]
		fmt.Fprintf(&st.out, "      %s %d: %s", f.Rule, f.Score, f.Reason)
		if f.Suppressed > 0 {
			fmt.Fprintf(&st.out, " (and %d like it)", f.Suppressed)
		}
		fmt.Fprintln(&st.out)
	}
	for _, n := range d.NotEvaluable {
		// stories leave out what they do not tell of, and nearly every one is of a new customer
		if n.Why == "no ja4" || n.Why == "no device.id" || strings.HasPrefix(n.Why, "cold start") {
			continue
		}
		fmt.Fprintf(&st.out, "      not evaluable: %s, %s\n", n.Rule, n.Why)
	}
}
