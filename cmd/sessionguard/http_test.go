package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func get(t *testing.T, in interior, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	in.routes().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestRecentDecisionsAreNewestFirstAndBounded(t *testing.T) {
	in := interior{recent: &recent{}, blocklist: &blocklist{}, registry: prometheus.NewRegistry()}
	f := func(path string, want string) {
		t.Helper()
		code, body := get(t, in, path)
		var ids []int
		if err := json.Unmarshal([]byte(body), &ids); code != 200 || err != nil {
			t.Fatalf("GET %s: %d %q: %v", path, code, body, err)
		}
		if got := fmt.Sprint(ids[:min(3, len(ids))], len(ids)); got != want {
			t.Errorf("GET %s begins with %s, want %s", path, got, want)
		}
	}
	f("/api/decisions", "[] 0")
	for i := range 5 {
		in.recent.add(fmt.Append(nil, i))
	}
	f("/api/decisions", "[4 3 2] 5")
	f("/api/decisions?limit=2", "[4 3] 2")
	for i := range recentDecisions {
		in.recent.add(fmt.Append(nil, 100+i))
	}
	f("/api/decisions?limit=1000", fmt.Sprint([]int{1099, 1098, 1097}, 1000))
	if code, _ := get(t, in, "/api/decisions?limit=1001"); code != 400 {
		t.Errorf("a limit over the bound answers %d, want 400", code)
	}
}

func TestIndexShowsDecisionsAndEscapesThem(t *testing.T) {
	state := readiness{Ready: true, Degraded: []string{"no <geography>"}}
	in := interior{recent: &recent{}, registry: prometheus.NewRegistry(), ready: func() readiness { return state }}
	f := func(want ...string) {
		t.Helper()
		code, body := get(t, in, "/")
		for _, text := range append(want, `<meta http-equiv="refresh" content="2">`, `href="/api/decisions"`, "<li>no &lt;geography&gt;</li>") {
			if code != 200 || !strings.Contains(body, text) {
				t.Errorf("/ answers %d without %q:\n%s", code, text, body)
			}
		}
		if strings.Contains(body, "<script") {
			t.Errorf("/ has a script:\n%s", body)
		}
	}
	f("No decision yet.")
	for range indexDecisions {
		in.recent.add([]byte(`{"time":"2026-11-22T09:30:00.125Z","user_id":"u-0","action":"none","rules":[]}`))
	}
	in.recent.add([]byte(`{"time":"2026-11-22T09:30:00.125Z","user_id":"<script>alert(1)</script>","session_id":"0123456789abcdef","action":"require_reauth",` +
		`"score":72,"command":"repeated","rules":[{"id":"impossible-travel","reason":"A & B: <b>far</b>"},{"id":"new-country","reason":"-"}]}`))
	state.Ready = false
	f("The last 50 decisions", "<td class=\"plain\">2026-11-22 09:30:00</td>", "&lt;script&gt;alert(1)&lt;/script&gt;", `title="0123456789abcdef">0123456789ab</td>`,
		`<td class="plain require_reauth">require_reauth (in force)</td>`, `score">72<`, "<td class=\"long\">impossible-travel, new-country</td>",
		"A &amp; B: &lt;b&gt;far&lt;/b&gt;", "not ready", "a sensitive action was asked for: all clear")
}

func TestReadyz(t *testing.T) {
	state := readiness{Ready: true, Degraded: []string{"no geography"}}
	in := interior{recent: &recent{}, registry: prometheus.NewRegistry(), ready: func() readiness { return state }}
	if code, _ := get(t, in, "/readyz"); code != 200 {
		t.Errorf("a degraded service answers %d, want 200", code)
	}
	state.Ready = false
	if code, _ := get(t, in, "/readyz"); code != 503 {
		t.Errorf("a service that is not ready answers %d, want 503", code)
	}
	if code, body := get(t, in, "/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("/healthz answers %d %q", code, body)
	}
}
