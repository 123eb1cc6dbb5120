package archivetest

import (
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/storage"
)

// RunSchema shows that an engine's schema can be checked and applied. open gives an archive without a schema.
func RunSchema(t *testing.T, open func(t *testing.T) storage.Schema) {
	s := open(t)
	wanted := len(s.Wanted())
	if wanted == 0 {
		t.Fatal("the engine has no migrations")
	}
	wantPending(t, s, wanted)
	wantPending(t, s, wanted) // looking changes nothing
	for range 2 {
		if err := storage.Migrate(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
		wantPending(t, s, 0)
	}
	for _, m := range s.Wanted() { // a crash between a statement and its memory runs it again
		if err := s.Apply(t.Context(), m); err != nil {
			t.Errorf("apply %q again: %v", m.Name, err)
		}
	}
	wantPending(t, s, 0)
	wantPending(t, edited{s}, -1)
	wantPending(t, longer{s}, 1)
}

func wantPending(t *testing.T, s storage.Schema, want int) {
	t.Helper()
	pending, err := storage.Pending(t.Context(), s)
	switch {
	case want < 0 && (err == nil || !strings.Contains(err.Error(), "another text")):
		t.Errorf("an edited migration was not refused: %v", err)
	case want >= 0 && (err != nil || len(pending) != want):
		t.Errorf("%d migrations are pending, want %d (error: %v)", len(pending), want, err)
	}
}

// edited is a program whose first migration has another text.
type edited struct{ storage.Schema }

func (e edited) Wanted() []storage.Migration {
	all := append([]storage.Migration(nil), e.Schema.Wanted()...)
	all[0].Checksum = strings.Repeat("0", 64)
	return all
}

// longer is a later program, with one more migration.
type longer struct{ storage.Schema }

func (l longer) Wanted() []storage.Migration {
	all := l.Schema.Wanted()
	return append(all[:len(all):len(all)], storage.Migration{Version: len(all) + 1, Name: "later"})
}
