package kafka

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

func TestOriginComesBack(t *testing.T) {
	for _, source := range []string{"sessionguard/0", "a|b|c/47", ""} {
		want := origin{Began: 1_795_339_800_125, Offset: 991, Index: 3}
		r := &Record{Headers: []cloudevents.Header{structuredMode, want.header(source)}}
		if got, at, ok := originOf(r); !ok || got != source || at != want {
			t.Errorf("%q came back as %q %+v %v", source, got, at, ok)
		}
	}
	for _, text := range []string{"", "|", "x", "g/0|1|2", "g/0|1|2|x", "g/0|1||3", "g/0|99999999999999999999|1|1"} {
		if _, _, ok := originOf(&Record{Headers: []cloudevents.Header{header(originHeader, text)}}); ok {
			t.Errorf("%q was taken for an origin", text)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add("sessionguard/0|1795339800125|991|3")
	f.Fuzz(func(t *testing.T, text string) {
		source, at, ok := parseOrigin(text)
		if !ok {
			return
		}
		if again, same, ok := parseOrigin(string(at.header(source).Value)); !ok || again != source || same != at {
			t.Errorf("%q gives %q %+v, and that %q %+v", text, source, at, again, same)
		}
	})
}

// Whoever writes, how often it goes back and how writers of one source overlap: each thing told is taken once, and in order. A writer goes on
// without a gap from the last that was written, or from before.
func TestEachThingToldIsTakenOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taken, written, want := origins{}, map[string]int64{}, map[string]int64{}
		for range rapid.IntRange(1, 30).Draw(t, "runs") {
			source := rapid.SampledFrom([]string{"g/0", "g/1", "other/0"}).Draw(t, "source")
			from := rapid.Int64Range(0, written[source]).Draw(t, "from")
			to := from + rapid.Int64Range(0, 20).Draw(t, "length")
			for offset := from; offset < to; offset++ {
				r := &Record{Headers: []cloudevents.Header{origin{Began: 7, Offset: offset}.header(source)}}
				again := taken.again(r)
				if again != (offset < want[source]) {
					t.Fatalf("%s told %d: taken before is %v, the next to come is %d", source, offset, again, want[source])
				}
				want[source] = max(want[source], offset+1)
				written[source] = want[source]
			}
		}
	})
}

// A partition that began anew counts from anew: its offsets may be those of a topic that was made again.
func TestColdStartIsNoRepeat(t *testing.T) {
	taken := origins{}
	at := func(o origin) bool { return taken.again(&Record{Headers: []cloudevents.Header{o.header("g/0")}}) }
	if at(origin{1, 500, 0}) || at(origin{1, 500, 1}) || at(origin{2, 0, 0}) || at(origin{2, 3, 0}) {
		t.Error("what is new was passed over")
	}
	if !at(origin{1, 501, 0}) || !at(origin{2, 3, 0}) || taken.again(&Record{}) {
		t.Error("what is old was taken, or a record without origin passed over")
	}
}
