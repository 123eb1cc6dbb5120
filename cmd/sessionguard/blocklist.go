package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A network that guesses session ids stays on the feed for an hour after it was last found. As many networks at most are on it; then the one
// that leaves first gives way.
const (
	blockFor    = time.Hour
	maxBlocked  = 10_000
	feedPath    = "/feeds/networks-to-block"
	timeOnFeeds = time.RFC3339
)

// blocked is a network on the feed.
type blocked struct {
	Network    netip.Prefix `json:"network"`
	Rule       string       `json:"rule"`
	UnknownIDs int64        `json:"unknown_ids"` // when it was last found
	WindowS    int64        `json:"window_s"`    // the seconds in which they were counted
	Since      time.Time    `json:"since"`
	Until      time.Time    `json:"until"`
}

// blocklist is the feed of networks to block, as the decisions name them. It is safe for concurrent use.
type blocklist struct {
	mu sync.Mutex
	on map[netip.Prefix]blocked
}

// take looks at a decision, as the archive has it, and puts the networks that its enforced findings name on the feed.
func (l *blocklist) take(decision []byte) {
	if !bytes.Contains(decision, []byte(`"unknown_ids"`)) {
		return
	}
	var d struct {
		Time  time.Time `json:"time"`
		Mode  string    `json:"mode"`
		Rules []struct {
			ID         string `json:"id"`
			Mode       string `json:"mode"`
			ExceptedBy string `json:"excepted_by"`
			Facts      struct {
				Network    string `json:"network"`
				UnknownIDs int64  `json:"unknown_ids"`
				WindowS    int64  `json:"window_s"`
			} `json:"facts"`
		} `json:"rules"`
	}
	if err := json.Unmarshal(decision, &d); err != nil || d.Mode != "enforce" {
		return // under --observe-only nothing is blocked either
	}
	for _, r := range d.Rules {
		network, err := netip.ParsePrefix(r.Facts.Network)
		if err != nil || r.Mode != "enforce" || r.ExceptedBy != "" || r.Facts.UnknownIDs == 0 {
			continue
		}
		l.put(blocked{Network: network, Rule: r.ID, UnknownIDs: r.Facts.UnknownIDs, WindowS: r.Facts.WindowS, Since: d.Time, Until: d.Time.Add(blockFor)})
	}
}

// put takes a finding up; an older one of the same network says since when.
func (l *blocklist) put(b blocked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.on == nil {
		l.on = map[netip.Prefix]blocked{}
	}
	if old, ok := l.on[b.Network]; ok && !b.Since.After(old.Until) && !old.Since.After(b.Until) {
		if old.Until.After(b.Until) {
			b, old = old, b
		}
		if old.Since.Before(b.Since) {
			b.Since = old.Since
		}
	}
	l.on[b.Network] = b
	if len(l.on) > maxBlocked {
		l.drop()
	}
}

func (l *blocklist) drop() {
	var first *blocked
	for _, b := range l.on {
		if first == nil || inFeed(b, *first) < 0 && !b.Until.After(first.Until) || b.Until.Before(first.Until) {
			first = &b
		}
	}
	delete(l.on, first.Network)
}

// at gives what is on the feed at a time, in the order of the addresses, and forgets what has left it.
func (l *blocklist) at(now time.Time) []blocked {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := []blocked{}
	for network, b := range l.on {
		if !b.Until.After(now) {
			delete(l.on, network)
			continue
		}
		list = append(list, b)
	}
	slices.SortFunc(list, inFeed)
	return list
}

func inFeed(a, b blocked) int {
	return cmp.Or(a.Network.Addr().Compare(b.Network.Addr()), cmp.Compare(a.Network.Bits(), b.Network.Bits()))
}

// feed answers with a network a line, and why in a comment, as firewalls read it.
func (in interior) feed(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	var body bytes.Buffer
	fmt.Fprintf(&body, "# networks that guess session ids; each leaves %d minutes after it was last found\n", int(blockFor.Minutes()))
	for _, b := range in.blocklist.at(time.Now()) {
		fmt.Fprintf(&body, "%s # %s: %d unknown ids in %d s, since %s, until %s\n", b.Network, b.Rule, b.UnknownIDs, b.WindowS,
			b.Since.UTC().Format(timeOnFeeds), b.Until.UTC().Format(timeOnFeeds))
	}
	_, _ = w.Write(body.Bytes()) // the client went away
}

// feedJSON answers with the same as an array of objects.
func (in interior) feedJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(in.blocklist.at(time.Now())) // the client went away
}
