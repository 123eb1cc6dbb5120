package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	in := interior{recent: &recent{}, registry: prometheus.NewRegistry()}
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
