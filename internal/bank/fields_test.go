package bank

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// fields are the parts of an honest event that only some apps send.
type fields struct {
	Type string
	Data struct {
		Session struct {
			ID, Integrity string
			IDBits        int `json:"id_bits"`
			Seq           int64
			Cookie        *struct {
				Secure     bool
				HTTPOnly   bool   `json:"http_only"`
				SameSite   string `json:"same_site"`
				HostPrefix bool   `json:"host_prefix"`
			}
		}
		User  struct{ ID string }
		Token struct {
			Family, ID string
			Generation int64
		}
		Device struct{ Binding string }
		Auth   struct{ AAL int }
		HTTP   struct {
			Site string `json:"sec_fetch_site"`
			CSRF string
		}
		Action *struct{ Kind string }
	}
}

// fieldWatch counts what apps send and fails on what contradicts itself.
type fieldWatch struct {
	found     map[string]int
	anonymous map[string]bool             // ids of sessions before their login
	counters  map[string]map[int64]string // per session, the event of each number of the app's counter
	shown     map[string]map[string]int   // per token family, how often each token was shown
}

func (w *fieldWatch) see(t *testing.T, p *Published) {
	t.Helper()
	var e fields
	if err := json.Unmarshal(p.JSON, &e); err != nil {
		t.Fatal(err)
	}
	d := &e.Data
	for _, word := range []string{
		e.Type, "integrity " + d.Session.Integrity, "binding " + d.Device.Binding, "site " + d.HTTP.Site, "csrf " + d.HTTP.CSRF, fmt.Sprint("aal ", d.Auth.AAL),
	} {
		w.found[word]++
	}
	if d.Action != nil {
		w.found["action "+d.Action.Kind]++
	}
	if c := d.Session.Cookie; c != nil && c.Secure && c.HTTPOnly && c.HostPrefix && c.SameSite == "Lax" {
		w.found["cookie"]++
	}
	if d.Session.ID != "" && d.Session.IDBits != 128 {
		t.Fatalf("id of %d bits: %s", d.Session.IDBits, p.JSON)
	}
	w.seeLogin(t, p, &e)
	w.seeCounter(t, p, d.Session.Seq)
	if d.Token.ID != "" && w.fresh(p) {
		w.seeToken(t, p, &e)
	}
}

// fresh is false for the second copy of an event.
func (w *fieldWatch) fresh(p *Published) bool {
	w.found["event "+p.Label.EventID]++
	return w.found["event "+p.Label.EventID] == 1
}

func (w *fieldWatch) seeLogin(t *testing.T, p *Published, e *fields) {
	t.Helper()
	if e.Type == "session.created" && e.Data.User.ID == "" {
		w.anonymous[e.Data.Session.ID] = true
	}
	if e.Type != "session.renewed" || !p.Label.Begins {
		return
	}
	if e.Data.User.ID == "" || e.Data.Session.ID == p.Label.Lineage {
		t.Fatalf("a login that renewed nothing: %s", p.JSON)
	}
	if w.anonymous[p.Label.Lineage] { // its first event may come late
		w.found["anonymous, renewed at login"]++
	}
}

func (w *fieldWatch) seeCounter(t *testing.T, p *Published, seq int64) {
	t.Helper()
	if seq == 0 {
		return
	}
	c := w.counters[p.Label.Lineage]
	if c == nil {
		c = map[int64]string{}
		w.counters[p.Label.Lineage] = c
	}
	if c[seq] != "" && c[seq] != p.Label.EventID {
		t.Fatalf("number %d a second time: %s", seq, p.JSON)
	}
	c[seq] = p.Label.EventID
	w.found["seq"]++
}

func (w *fieldWatch) seeToken(t *testing.T, p *Published, e *fields) {
	t.Helper()
	k := &e.Data.Token
	family := w.shown[k.Family]
	if family == nil {
		family = map[string]int{}
		w.shown[k.Family] = family
	}
	w.found["token"]++
	if family[k.ID]++; family[k.ID] == 1 {
		if k.Generation < 1 {
			t.Fatalf("generation of %s", p.JSON)
		}
		return
	}
	w.found["token shown again"]++
	if p.Label.Cause&CauseRefreshRace == 0 {
		t.Fatalf("no cause on %s", p.JSON)
	}
}

func TestAppsSendTheFieldsThatDetectorsRead(t *testing.T) {
	t.Parallel()
	w := &fieldWatch{map[string]int{}, map[string]bool{}, map[string]map[int64]string{}, map[string]map[string]int{}}
	play(t, Config{Users: 900, Seed: 3, For: 4 * 24 * time.Hour}, func(_ *Bank, p *Published) { w.see(t, p) })
	for _, want := range []string{
		"anonymous, renewed at login", "cookie", "seq", "token", "token shown again", "token.refreshed", "session.privilege_changed", "credential.changed", "factor.changed", "auth.failed",
		"integrity ok", "binding valid", "binding skipped", "binding ", "site same-origin", "site none", "site cross-site", "csrf ok", "aal 1", "aal 2",
		"action payee", "action limit", "action contact", "action factor", "action export", "action transfer",
	} {
		if w.found[want] == 0 {
			t.Errorf("nothing like this: %s", want)
		}
	}
	if r := float64(w.found["token shown again"]) / float64(w.found["token"]); r > 0.1 {
		t.Errorf("%.2f of the refreshes show a token again", r)
	}
}
