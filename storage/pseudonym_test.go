package storage

import (
	"strings"
	"testing"
)

// The values come from another implementation:
//
//	printf 'retail\0session\0ses_7Yk2Qm9x' | openssl dgst -sha256 -hmac 'a bank keeps this secret' -binary | head -c 16 | basenc --base64url
func TestPseudonym(t *testing.T) {
	p, err := NewPseudonymizer([]byte("a bank keeps this secret"))
	if err != nil {
		t.Fatal(err)
	}
	f := func(tenant string, kind IDKind, value, want string) {
		t.Helper()
		if got := p.Pseudonym(tenant, kind, value); got != want {
			t.Errorf("%q %s %q gives %q, want %q", tenant, kind, value, got, want)
		}
	}
	f("retail", SessionID, "ses_7Yk2Qm9x", "k1:9EI9J-bKcqtyX8t94zHcOg")
	f("", SessionID, "ses_7Yk2Qm9x", "k1:7RJKvcwuUn4gXwE5eL54-g")
	f("retail", TokenFamily, "ses_7Yk2Qm9x", "k1:G8f_r8S5medqYBf3S6Ttlg")
	f("retail", SessionID, strings.Repeat("x", 8192), "k1:5My0bu80Xuqyf2WjNeHbfA")
	f("retail", SessionID, "", "")
	if got := p.Session("retail", "ses_7Yk2Qm9x"); got != p.Pseudonym("retail", SessionID, "ses_7Yk2Qm9x") {
		t.Errorf("Session gives %q", got)
	}
	if _, err := NewPseudonymizer(nil); err == nil {
		t.Error("an empty key is taken")
	}
}

func TestPseudonymsAreSafeForConcurrentUse(t *testing.T) {
	p, _ := NewPseudonymizer([]byte("key"))
	want := p.Session("t", "s")
	done := make(chan string)
	for range 8 {
		go func() {
			got := want
			for range 100 {
				if other := p.Session("t", "s"); other != want {
					got = other
				}
			}
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func BenchmarkPseudonym(b *testing.B) {
	p, _ := NewPseudonymizer([]byte("key"))
	for b.Loop() {
		p.Session("retail", "ses_7Yk2Qm9x")
	}
}
