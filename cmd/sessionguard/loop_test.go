package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/broker"
)

// loopEvent is an event of the customer anna, at a time after the start of the story, with further members of data.
func loopEvent(kind string, at time.Duration, data string) bank.Published {
	when := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC).Add(at)
	return bank.Published{Key: "anna", TimeMS: when.UnixMilli(), JSON: fmt.Appendf(nil,
		`{"specversion":"1.0","id":"%s-%s","source":"/apps/web","type":"%s","time":"%s","data":{"user":{"id":"anna"},%s}}`,
		kind, at, kind, when.Format(time.RFC3339), data)}
}

// metrics gives the lines of /metrics.
func (l *living) metrics() string {
	l.t.Helper()
	answer, err := http.Get(l.logs(`address=(http://\S+)`)[1] + "/metrics")
	if err != nil {
		l.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func (l *living) counts(want ...string) {
	l.t.Helper()
	for _, line := range want {
		l.until("the metrics have "+line, func() bool { return strings.Contains(l.metrics(), "\n"+line+"\n") })
	}
}

// A revoke that nobody obeys is told to a person: once in the log, for as long as it lasts on /readyz, and in the metrics. What the auth service
// and an analyst say is counted.
func TestClosedLoopIsShown(t *testing.T) {
	const canary = `"session":{"id":"canary-session-example-1"},"client":{"ip":"203.0.113.7"}`
	b, err := broker.Start(broker.Config{Topics: kafka.TopicNames("").All(), Partitions: testPartitions, MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	l, partition := alive(t, b, rulesFile), kafka.PartitionOf([]byte("anna"), testPartitions)
	publishWorld(t, b.Addr, "", []bank.Published{loopEvent("session.presented", 0, canary), loopEvent("session.presented", time.Minute, canary)})
	l.degraded(fmt.Sprintf("revokes are not enforced: apps let in sessions 30 s and more after they were revoked (partitions %d); ", partition) +
		"look at the auth service's consumer of session.commands and at the decisions of rule revoke-not-enforced")
	l.logs(`level=WARN msg=degraded what="revokes are not enforced`)
	l.counts(fmt.Sprintf(`sessionguard_revokes_not_enforced_total{partition="%d"} 1`, partition), fmt.Sprintf(`sessionguard_commands_unanswered{partition="%d"} 1`, partition))

	var decision struct{ ID string }
	var command struct {
		Data struct {
			ID string `json:"command_id"`
		}
	}
	unmarshal(t, read(t, b.Addr, "session.decisions")[0], &decision)
	unmarshal(t, read(t, b.Addr, "session.commands")[0], &command)
	publishWorld(t, b.Addr, "", []bank.Published{
		loopEvent("command.acknowledged", 2*time.Minute, `"command":{"id":"`+command.Data.ID+`","result":"applied"}`),
		loopEvent("command.acknowledged", 3*time.Minute, `"command":{"id":"c1-00","result":"applied"}`),
		loopEvent("verdict.recorded", 4*time.Minute, `"verdict":{"decision_id":"`+decision.ID+`","label":"true_positive","by":"soc"}`),
		loopEvent("place.observed", 20*time.Minute, `"place":{"lat":59.3,"lon":18.1,"kind":"atm"}`),
	})
	l.degraded()
	l.logs(`level=INFO msg="no longer degraded" what="revokes are not enforced`)
	l.counts(`sessionguard_acknowledgements_total{action="revoke_user_sessions",result="applied"} 1`,
		fmt.Sprintf(`sessionguard_unknown_acknowledgements_total{partition="%d"} 1`, partition),
		`sessionguard_verdicts_total{label="true_positive",rule="canary-used"} 1`,
		`sessionguard_rule_precision{rule="canary-used"} 1`)
	if n := strings.Count(l.log.String(), `msg=degraded what="revokes are not enforced`); n != 1 {
		t.Errorf("it was logged %d times\n%s", n, l.log)
	}
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
