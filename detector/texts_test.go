package detector

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// What is put is got back, until it is dropped; what is dropped makes room.
func TestPropertyTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var store textStore
		kept := map[uint32]string{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(kept) > 0 && rapid.Bool().Draw(t, "drop") {
				slot := rapid.SampledFrom(sortedKeys(kept)).Draw(t, "slot")
				store.drop(slot)
				delete(kept, slot)
			} else {
				s := strings.Repeat(rapid.StringN(1, 4, 9).Draw(t, "text"), rapid.IntRange(0, 60).Draw(t, "times"))
				switch slot := store.put(s); {
				case (slot == 0) != (s == "" || len(s) > maxTextSize):
					t.Fatalf("%d bytes were given number %d", len(s), slot)
				case slot != 0:
					kept[slot] = s
				}
			}
			parts := 0
			for slot, s := range kept {
				parts += (len(s) + 57) / 58
				if got := store.get(slot); got != s {
					t.Fatalf("number %d is %q, want %q", slot, got, s)
				}
			}
			if store.parts.live() != parts || !store.sound() {
				t.Fatalf("%d parts are in use for %d, sound: %v", store.parts.live(), parts, store.sound())
			}
		}
	})
}

func sortedKeys(m map[uint32]string) (keys []uint32) {
	for slot := uint32(1); len(keys) < len(m); slot++ {
		if _, ok := m[slot]; ok {
			keys = append(keys, slot)
		}
	}
	return keys
}

// A text outlives a restart, and a snapshot whose texts lead nowhere, or in a circle, is refused.
func TestTextsInSnapshots(t *testing.T) {
	long := strings.Repeat("session of somebody ", 20)
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte("version: 1\nrules: [{id: any, mode: enforce, score: 1, evidence: client, when: client.geo.asn == 1}]\n")}}, Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	for name, spoil := range map[string]func(*textStore){
		"whole":           nil,
		"leads nowhere":   func(s *textStore) { s.parts.at(s.parts.used).next = 99 },
		"leads in circle": func(s *textStore) { s.parts.at(1).next = s.parts.used },
		"ends early":      func(s *textStore) { s.parts.at(s.parts.used).next = 0 },
		"is too long":     func(s *textStore) { s.parts.at(s.parts.used).left = 1<<16 - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			g, restored := New(Config{Rules: set}), New(Config{Rules: set})
			slot := g.texts.put(long)
			if spoil != nil {
				spoil(&g.texts)
			}
			var snapshot bytes.Buffer
			if err := g.Snapshot(&snapshot); err != nil {
				t.Fatal(err)
			}
			err := restored.Restore(&snapshot)
			if (err == nil) != (spoil == nil) {
				t.Fatalf("restored with error %v", err)
			}
			if err == nil && restored.texts.get(slot) != long {
				t.Errorf("after a restart it is %q", restored.texts.get(slot))
			}
		})
	}
}
