package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func guessingDecision(at time.Time, network, more string) []byte {
	return fmt.Appendf(nil, `{"time":%q,"mode":"enforce","action":"observe","rules":[{"id":"session-id-guessing","mode":"enforce"%s,`+
		`"facts":{"network":%q,"unknown_ids":21,"window_s":60,"explained":0}}]}`, at.Format(time.RFC3339Nano), more, network)
}

func TestNetworksToBlock(t *testing.T) {
	now := time.Now()
	l := &blocklist{}
	l.take(guessingDecision(now.Add(-30*time.Minute), "203.0.113.0/24", ""))
	l.take(guessingDecision(now.Add(-10*time.Minute), "203.0.113.0/24", "")) // again
	l.take(guessingDecision(now.Add(-20*time.Minute), "203.0.113.0/24", "")) // read again after a restart
	l.take(guessingDecision(now.Add(-59*time.Minute), "2001:db8:7::/48", ""))
	l.take(guessingDecision(now.Add(-61*time.Minute), "198.51.100.7/32", "")) // has left
	l.take(guessingDecision(now, "192.0.2.0/24", `,"excepted_by":"pentest"`))
	l.take(guessingDecision(now, "not a network", ""))
	l.take([]byte(`{"unknown_ids" is no JSON`))
	l.take([]byte(strings.Replace(string(guessingDecision(now, "192.0.2.0/24", "")), `"mode":"enforce","action"`, `"mode":"shadow","action"`, 1)))
	var got []string
	for _, b := range l.at(now) {
		got = append(got, fmt.Sprint(b.Network, " ", now.Sub(b.Since).Round(time.Minute), " ", b.Until.Sub(now).Round(time.Minute)))
	}
	if want := "203.0.113.0/24 30m0s 50m0s; 2001:db8:7::/48 59m0s 1m0s"; strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
	}
	if left := l.at(now.Add(time.Hour)); len(left) != 0 || len(l.on) != 0 {
		t.Errorf("an hour later %v are left", left)
	}
}

func TestNetworksToBlockAreBounded(t *testing.T) {
	now, l := time.Now(), &blocklist{}
	for i := range maxBlocked + 3 {
		l.put(blocked{Network: netip.PrefixFrom(netip.AddrFrom4([4]byte{203, byte(i >> 16), byte(i >> 8), byte(i)}), 32), Since: now, Until: now.Add(time.Duration(i+1) * time.Second)})
	}
	if list := l.at(now); len(list) != maxBlocked || list[0].Network.String() != "203.0.0.3/32" {
		t.Errorf("%d networks from %s on: those that leave first give way", len(list), list[0].Network)
	}
}

func TestFeedAsFirewallsReadIt(t *testing.T) {
	in := interior{blocklist: &blocklist{}}
	in.blocklist.take(guessingDecision(time.Now(), "203.0.113.7/32", ""))
	code, body := get(t, in, feedPath)
	lines := strings.Split(strings.TrimSpace(body), "\n")
	if code != 200 || len(lines) != 2 || !strings.HasPrefix(lines[0], "# ") || !strings.HasPrefix(lines[1], "203.0.113.7/32 # session-id-guessing: 21 unknown ids in 60 s, since 2") {
		t.Errorf("%d\n%s", code, body)
	}
	if code, body := get(t, in, feedPath+".json"); code != 200 || !strings.Contains(body, `"network": "203.0.113.7/32"`) {
		t.Errorf("%d\n%s", code, body)
	}
	if code, body := get(t, interior{blocklist: &blocklist{}}, feedPath+".json"); code != 200 || body != "[]\n" {
		t.Errorf("an empty feed: %d %s", code, body)
	}
}
