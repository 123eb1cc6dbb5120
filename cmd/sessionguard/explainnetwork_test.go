package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What is known of a network is the same from the last checkpoint in Kafka as from a replay of the same events.
func TestExplainNetwork(t *testing.T) {
	b, world := embeddedBroker(t), newTestWorld(t)
	publishWorld(t, b.Addr, "", world.events)
	program(t, 0, world.runArgs(b.Addr, "", "--until-idle")...)
	shown := 0
	for _, asn := range []string{"AS64513", "AS64515", "AS64516", "AS64543", "AS64545", "AS65000"} {
		ask := []string{"explain", "--network", asn, "--tenant", "retail"}
		fromKafka := program(t, 0, append(slices.Clone(ask), "--brokers", b.Addr, "--group", "test")...)
		fromEvents := program(t, 0, slices.Concat(ask, []string{"--events", world.file, "--rules", rulesFile}, world.geoip)...)
		if fromKafka != fromEvents {
			t.Errorf("%s is from Kafka\n%s\nand from the events\n%s", asn, fromKafka, fromEvents)
		}
		if strings.Contains(fromKafka, "has a place") {
			shown++
		}
	}
	if shown < 2 {
		t.Errorf("%d providers are known: the test shows nothing", shown)
	}
	var known networkJSON
	out := program(t, 0, "explain", "--network", "64515", "--tenant", "retail", "--brokers", b.Addr, "--group", "test", "--format", "json")
	if err := json.Unmarshal([]byte(out), &known); err != nil || known.Network != "AS64515" || !known.Known || !known.HasPlace {
		t.Errorf("%v: %s", err, out)
	}
}
