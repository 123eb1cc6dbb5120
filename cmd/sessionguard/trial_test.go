package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/broker"
)

// trial is the service at work on an in-process broker, and a bank whose customers all do the same at the same time.
type trial struct {
	t         *testing.T
	broker    *broker.Broker
	rules     string // path
	city      string // path
	revision  int
	live      *living
	earlier   string // the log up to the last change
	published int    // events, since the program started
	ids       int
	known     map[string]bool // commands and decisions that were looked at
	paged     map[string]int  // lines of the log, by brake
}

// crowd is how many customers there are: every partition's part of them is beyond what its brake lets through.
var crowd = flag.Int("crowd", 1600, "customers in the trials of the brake, from 1600 to 50000")

func newTrial(t *testing.T) *trial {
	b, err := broker.Start(broker.Config{Topics: kafka.TopicNames("").All(), Partitions: testPartitions, MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	dir := t.TempDir()
	tr := &trial{t: t, broker: b, rules: filepath.Join(dir, "rules.yaml"), city: filepath.Join(dir, "city.mmdb"), known: map[string]bool{}}
	tr.writeRules("1000")
	tr.writePlaces(0)
	tr.start()
	return tr
}

func (tr *trial) start() {
	tr.live, tr.published, tr.earlier, tr.paged = alive(tr.t, tr.broker, tr.rules, "--geoip-city", tr.city, "--roles", "detect,console"), 0, "", map[string]int{}
	tr.live.until("all partitions are ready", func() bool {
		state := tr.live.ready()
		return state.Ready && len(state.Partitions) == testPartitions
	})
}

// writeRules writes the shipped rules with a speed for journeys, as a new revision.
func (tr *trial) writeRules(maxSpeedKMH string) {
	tr.revision++
	text := fileText(tr.t, rulesFile)
	text = regexp.MustCompile(`(?m)^revision: .*$`).ReplaceAllString(text, "revision: "+strconv.Quote(strconv.Itoa(tr.revision)))
	text = regexp.MustCompile(`max_speed_kmh: \d+`).ReplaceAllString(text, "max_speed_kmh: "+maxSpeedKMH)
	writeRules(tr.t, tr.rules, text)
}

// adopted waits until every partition took the new rules or the new geography.
func (tr *trial) adopted(what string) {
	tr.t.Helper()
	tr.live.until(what+" on every partition", func() bool {
		return strings.Count(strings.TrimPrefix(tr.live.log.String(), tr.earlier), `msg="`+what+`" partition=`) >= testPartitions // of the first stage
	})
	tr.earlier = tr.live.log.String()
}

// towns lie far apart: New York, Chicago, Miami.
var towns = [][2]float64{{40.71, -74.0}, {41.88, -87.63}, {25.76, -80.19}}

// The networks of a customer: his line at home, a wifi in his town; and a proxy of the bank's, in Lisbon.
const (
	home = iota
	wifi
	proxy
)

// address gives an address of one of a customer's networks in a town. Neighbours share a network.
func address(customer, network, town int) string {
	if network == proxy {
		return "83.0.0.9"
	}
	return fmt.Sprintf("81.%d.%d.%d", network, town%len(towns), 1+customer/len(towns)%250)
}

// writePlaces writes a City database in which every network lies in the town that stands shift further on.
func (tr *trial) writePlaces(shift int) {
	tr.t.Helper()
	tr.revision++
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", BuildEpoch: time.Now().Unix() + int64(tr.revision), RecordSize: 24,
		Description: map[string]string{"en": "of a trial"}})
	if err != nil {
		tr.t.Fatal(err)
	}
	for i := range towns {
		for _, network := range []int{home, wifi} {
			tr.place(tree, fmt.Sprintf("81.%d.%d.0/24", network, i), towns[(i+shift)%len(towns)], "US")
		}
	}
	tr.place(tree, "83.0.0.0/24", [2]float64{38.72, -9.14}, "PT")
	f, err := os.Create(tr.city + ".new")
	if err != nil {
		tr.t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Rename(tr.city+".new", tr.city); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *trial) place(tree *mmdbwriter.Tree, prefix string, at [2]float64, country string) {
	tr.t.Helper()
	_, network, err := net.ParseCIDR(prefix)
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := tree.Insert(network, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(country)},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float64(at[0]), "longitude": mmdbtype.Float64(at[1]), "accuracy_radius": mmdbtype.Uint16(20)}}); err != nil {
		tr.t.Fatal(err)
	}
}

// round is what every customer does once within a minute: his event, without id and time, and its time after the beginning.
type round func(customer int) (after time.Duration, event string)

func (tr *trial) signIn(c int) (time.Duration, string) {
	return 0, trialEvent("session.created", sessionID(c), userID(c), address(c, home, c))
}

// at is a request from one of the customer's networks in his town.
func (tr *trial) at(network int, after time.Duration) round {
	return func(c int) (time.Duration, string) {
		return after, trialEvent("session.presented", sessionID(c), userID(c), address(c, network, c))
	}
}

// awayAt is a request from another town.
func (tr *trial) awayAt(network int, after time.Duration) round {
	return func(c int) (time.Duration, string) {
		return after, trialEvent("session.presented", sessionID(c), userID(c), address(c, network, c+1))
	}
}

// sessionOf is a request in which a cache gave the customer another one's session.
func (tr *trial) sessionOf(other []int, after time.Duration) round {
	return func(c int) (time.Duration, string) {
		return after, trialEvent("session.presented", sessionID(other[c]), userID(c), address(c, home, c))
	}
}

// gatewaysOwn is a request for which the gateway names one session of its own.
func (tr *trial) gatewaysOwn(after time.Duration) round {
	return func(c int) (time.Duration, string) {
		return after, trialEvent("session.presented", "ses-gateway", userID(c), address(c, home, c))
	}
}

func sessionID(customer int) string { return fmt.Sprint("ses-", customer) }
func userID(customer int) string    { return fmt.Sprint("u-", customer) }

// pairs gives for each customer another one whose events go to the same partition, or himself for want of one, and how many have another.
func pairs() (other []int, paired int) {
	waiting := map[int]int{}
	other = make([]int, *crowd)
	for c := range other {
		p := kafka.PartitionOf([]byte(userID(c)), testPartitions)
		if w, ok := waiting[p]; ok {
			other[c], other[w] = w, c
			delete(waiting, p)
			paired += 2
		} else {
			other[c], waiting[p] = c, c
		}
	}
	return other, paired
}

func trialEvent(kind, session, user, ip string) string {
	return fmt.Sprintf(`"specversion":"1.0","source":"/apps/web","type":%q,"data":{"session":{"id":%q},"user":{"id":%q},"client":{"ip":%q,"user_agent":%q}}`,
		kind, session, user, ip, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
}

// play publishes rounds as fast as the broker takes them, and waits until all is judged.
func (tr *trial) play(rounds ...round) {
	tr.t.Helper()
	began := time.Now().Add(-20 * time.Hour).Truncate(time.Hour) // Kafka refuses records from the future
	var events []bank.Published
	for _, r := range rounds {
		for c := range *crowd {
			after, data := r(c)
			at := began.Add(after + time.Duration(c)*time.Minute/time.Duration(*crowd)).UTC()
			tr.ids++
			events = append(events, bank.Published{Key: userID(c), TimeMS: at.UnixMilli(),
				JSON: fmt.Appendf(nil, `{"id":"e-%d","time":%q,%s}`, tr.ids, at.Format(time.RFC3339Nano), data)})
		}
	}
	publishWorld(tr.t, tr.broker.Addr, "", events)
	tr.published += len(events)
	tr.settle()
}

// settle waits until every event is evaluated: nothing is lost.
func (tr *trial) settle() {
	tr.t.Helper()
	tr.live.until("every event is evaluated", func() bool {
		return tr.metric(`sessionguard_events_total{fate="evaluated"}`) == float64(tr.published)
	})
}

// metric sums the lines of a metric.
func (tr *trial) metric(name string) (sum float64) {
	tr.t.Helper()
	answer, err := http.Get(tr.live.logs(`address=(http://\S+)`)[1] + "/metrics")
	if err != nil {
		tr.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(name)+`(?:{[^}]*})? (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.ParseFloat(line[1], 64)
		if err != nil {
			tr.t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// answers are the commands and decisions that came since they were last looked at.
type answers struct {
	commands [testPartitions]map[string]int // by action
	decided  int                            // decisions on events
	held     int                            // of these, whose answer was held back
	lifted   int                            // decisions on the order to lift the brake, that say which one
	reason   string                         // of the last of these
}

func (tr *trial) answers() (a answers) {
	tr.t.Helper()
	for p := range a.commands {
		a.commands[p] = map[string]int{}
	}
	tr.news("session.commands", func(text []byte) error {
		var c struct {
			Data struct {
				Action string
				User   string `json:"user_id"`
			}
		}
		err := json.Unmarshal(text, &c)
		a.commands[kafka.PartitionOf([]byte(c.Data.User), testPartitions)][c.Data.Action]++
		return err
	})
	tr.news("session.decisions", func(text []byte) error {
		var d struct {
			Action, Braked, Control, Reason string
			Lifted                          []struct{ Brake string }
		}
		err := json.Unmarshal(text, &d)
		switch {
		case d.Control != "" && len(d.Lifted) > 0:
			a.lifted, a.reason = a.lifted+1, d.Reason
		case d.Control == "" && d.Action != "retract":
			if a.decided++; d.Braked != "" {
				a.held++
			}
		}
		return err
	})
	return a
}

// news shows what came into a topic since it was last read. A decision that was published again after a restart is no news.
func (tr *trial) news(topic string, see func([]byte) error) {
	tr.t.Helper()
	for _, text := range read(tr.t, tr.broker.Addr, topic) {
		if tr.known[text] {
			continue
		}
		tr.known[text] = true
		if err := see([]byte(text)); err != nil {
			tr.t.Fatal(err)
		}
	}
}
