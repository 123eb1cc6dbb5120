package bank

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestLabelsAreReadAsTheyWereWritten(t *testing.T) {
	var file strings.Builder
	var want []Label
	play(t, Config{Users: 300, Seed: 3, Attacks: Mix{TakingTurns: 4}}, func(_ *Bank, p *Published) {
		want = append(want, p.Label)
		if err := p.Label.Write(&file); err != nil {
			t.Fatal(err)
		}
	})
	labels := ReadLabels(strings.NewReader(file.String()))
	for i := range want {
		if got, err := labels.Next(); err != nil || got != want[i] {
			t.Fatalf("line %d: got %+v, %v; want %+v", i+1, got, err, want[i])
		}
	}
	if _, err := labels.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last label: %v", err)
	}
}

func TestLabelsThatCannotBe(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if _, err := ReadLabels(strings.NewReader(line)).Next(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", line, err, want)
		}
	}
	f(`{"event_id":`, "read label")
	f(`{"actor":"honest"}`, "event_id")
	f(`{"event_id":"1","actor":"burglar"}`, `"burglar"`)
	f(`{"event_id":"1","actor":"thief"}`, `"1": a thief's event has attack and attack_id`)
}

func TestLabelsOfAFileThatIsStillBeingWritten(t *testing.T) {
	var file growing
	labels := ReadLabels(&file)
	for _, id := range []string{"1", "2"} {
		if _, err := labels.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("nothing is there: %v", err)
		}
		file.text += `{"event_id":"` + id + `"}` + "\n"
		if l, err := labels.Next(); err != nil || l.EventID != id {
			t.Fatalf("got %+v, %v", l, err)
		}
	}
}

func FuzzLabels(f *testing.F) {
	f.Add([]byte(`{"event_id":"1","source":"/a","session_id":"s2","lineage":"s1","actor":"thief","attack":"x","attack_id":"a1","request":true}`))
	f.Add([]byte(`{"event_id":"1","cause":"C1 vpn, travel","begins":true}` + "\n\n" + `{"event_id":"2","actor":"burglar"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, file []byte) {
		labels := ReadLabels(bytes.NewReader(file))
		for {
			got, err := labels.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				continue
			}
			var line bytes.Buffer
			if err := got.Write(&line); err != nil {
				t.Fatal(err)
			}
			if again, err := ReadLabels(&line).Next(); err != nil || again.EventID == "" {
				t.Fatalf("%+v was written as %q and read as %+v, %v", got, line.String(), again, err)
			}
		}
	})
}

// growing is a file as one process reads it while another one appends.
type growing struct {
	text string
	read int
}

func (g *growing) Read(p []byte) (int, error) {
	n := copy(p, g.text[g.read:])
	g.read += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
