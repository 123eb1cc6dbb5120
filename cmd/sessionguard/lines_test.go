package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// readLines gives the lines of a stream as "number:text", long ones by their length.
func readLines(t *testing.T, r io.Reader) []string {
	t.Helper()
	var got []string
	in := newLines(r)
	for {
		batch, err := in.next(nil)
		for _, l := range batch {
			text := string(l.text)
			if len(text) > 100 {
				text = fmt.Sprintf("%d bytes", len(text))
			}
			got = append(got, fmt.Sprintf("%d:%s", l.number, text))
		}
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			return append(got, err.Error())
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 2*lineBuffer+5)
	f := func(input string, want ...string) {
		t.Helper()
		for _, r := range []io.Reader{strings.NewReader(input), iotest.DataErrReader(strings.NewReader(input)), iotest.HalfReader(strings.NewReader(input))} {
			if got := readLines(t, r); strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("lines of %.40q are %q, want %q", input, got, want)
			}
		}
	}
	f("")
	f("a", "1:a")
	f("a\nb\n", "1:a", "2:b")
	f("a\n\n \nb", "1:a", "4:b")
	f("a\n"+long[:70_000]+"\nb\n", "1:a", "2:70000 bytes", "3:b")
}

func TestOverlongLineComesCutOnce(t *testing.T) {
	input := "a\n" + strings.Repeat("x", 2*lineBuffer+5) + "\nb\n"
	got := readLines(t, strings.NewReader(input))
	want := fmt.Sprintf("1:a|2:%d bytes|3:b", lineBuffer)
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesReportReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(errors.New("disk on fire")))
	if got := readLines(t, broken); strings.Join(got, "|") != "1:a|disk on fire" {
		t.Errorf("got %q", got)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\nb"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		var want []string
		for i, text := range bytes.Split(input, []byte{'\n'}) {
			if len(bytes.TrimSpace(text)) > 0 && len(text) <= 100 {
				want = append(want, fmt.Sprintf("%d:%s", i+1, text))
			}
		}
		got := readLines(t, iotest.OneByteReader(bytes.NewReader(input)))
		if len(input) < 100 && strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
