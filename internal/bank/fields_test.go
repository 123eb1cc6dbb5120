package bank

import (
	"encoding/json"
	"testing"
	"time"
)

// fields are the parts of an honest event that only some apps send.
type fields struct {
	Type string
	Data struct {
		Session struct {
			ID, Kind, Integrity string
			IDBits              int   `json:"id_bits"`
			Seq                 int64 `json:"seq"`
			Cookie              *struct {
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

func TestAppsSendTheFieldsThatDetectorsRead(t *testing.T) {
	found := map[string]int{}
	cfg := Config{Users: 1500, Seed: 3, For: 4 * 24 * time.Hour}
	shown := map[string]map[string]int{} // per family: token ids and how often
	seq := map[string]int64{}
	anonymous := map[string]bool{}
	play(t, cfg, func(_ *Bank, p *Published) {
		var e fields
		if err := json.Unmarshal(p.JSON, &e); err != nil {
			t.Fatal(err)
		}
		d := &e.Data
		if e.Type == "session.created" && d.User.ID == "" {
			anonymous[d.Session.ID] = true
		}
		if e.Type == "session.renewed" && p.Label.Begins {
			if !anonymous[p.Label.Lineage] || d.User.ID == "" {
				t.Fatalf("a login renewed a session that was not anonymous: %s", p.JSON)
			}
			found["anonymous, renewed at login"]++
		}
		if d.Session.ID != "" && d.Session.IDBits != 128 {
			t.Fatalf("id of %d bits: %s", d.Session.IDBits, p.JSON)
		}
		if c := d.Session.Cookie; c != nil && c.Secure && c.HTTPOnly && c.HostPrefix && c.SameSite == "Lax" {
			found["cookie"]++
		}
		if d.Session.Seq > 0 {
			if d.Session.Seq != seq[p.Label.Lineage]+1 {
				t.Fatalf("after %d came %s", seq[p.Label.Lineage], p.JSON)
			}
			seq[p.Label.Lineage]++
			found["seq"]++
		}
		if d.Token.ID != "" {
			if shown[d.Token.Family] == nil {
				shown[d.Token.Family] = map[string]int{}
			}
			if shown[d.Token.Family][d.Token.ID]++; shown[d.Token.Family][d.Token.ID] > 1 {
				found["token shown again"]++
				if p.Label.Cause&CauseRefreshRace == 0 {
					t.Fatalf("no cause on %s", p.JSON)
				}
			} else if d.Token.Generation != int64(len(shown[d.Token.Family])) {
				t.Fatalf("generation of %s", p.JSON)
			}
			found["token"]++
		}
		if a := d.Action; a != nil {
			found["action "+a.Kind]++
		}
		for _, word := range []string{e.Type, "integrity " + d.Session.Integrity, "binding " + d.Device.Binding, "site " + d.HTTP.Site, "csrf " + d.HTTP.CSRF, "aal " + string(rune('0'+d.Auth.AAL))} {
			found[word]++
		}
	})
	for _, want := range []string{
		"anonymous, renewed at login", "cookie", "seq", "token", "token shown again", "token.refreshed", "session.privilege_changed", "credential.changed", "factor.changed", "auth.failed",
		"integrity ok", "binding valid", "binding skipped", "binding ", "site same-origin", "site none", "site cross-site", "csrf ok", "aal 1", "aal 2",
		"action payee", "action limit", "action contact", "action factor", "action export", "action transfer",
	} {
		if found[want] == 0 {
			t.Errorf("nothing like this: %s", want)
		}
	}
	if r := float64(found["token shown again"]) / float64(found["token"]); r > 0.1 {
		t.Errorf("%.2f of the refreshes show a token again", r)
	}
	t.Log(found)
}
