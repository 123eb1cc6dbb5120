package cloudevents_test

import (
	"maps"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// agree holds the decoder against the judge: it accepts what has no fault, with the same values, and else names one of the
// faults. Of what is not JSON at all it may name an earlier fault, and so of what has a key twice: the judge sees only the
// last value.
func agree(t *testing.T, value []byte) {
	t.Helper()
	j := judge(value)
	e, dropped, r := decodeDropped(t, cloudevents.Message{Value: value})
	switch {
	case r == nil && len(j.reasons) > 0:
		t.Errorf("accepted, but the judge says %v: %q", j.reasons, value)
	case r == nil:
		if !reflect.DeepEqual(*e, j.event) {
			t.Errorf("values differ for %q\ndecoder %+v\njudge   %+v", value, *e, j.event)
		}
		if !maps.Equal(setOf(dropped), j.dropped) {
			t.Errorf("dropped fields differ for %q\ndecoder %v\njudge   %v", value, dropped, j.dropped)
		}
	case !j.reasons[r.Reason] && !j.reasons[cloudevents.NotJSON] && !j.reasons[cloudevents.DuplicateKey]:
		t.Errorf("refused as %s (%s), but the judge says %v: %q", r.Reason, r.Detail, j.reasons, value)
	}
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

// Every case of the other tests, and every cut of an ordinary event.
func TestDecoderAgreesWithEncodingJSON(t *testing.T) {
	for _, value := range seeds() {
		agree(t, []byte(value))
	}
	for i := range ordinary {
		agree(t, []byte(ordinary[:i]))
		agree(t, []byte(ordinary[:i]+ordinary[i+1:]))
		agree(t, []byte(ordinary[:i]+"\\"+ordinary[i:]))
	}
}

func seeds() []string {
	all := []string{ordinary}
	for _, c := range acceptedCases {
		all = append(all, c.value)
	}
	for _, c := range droppedCases {
		all = append(all, c.value)
	}
	for _, c := range rejectedCases() {
		all = append(all, string(c.m.Value))
	}
	for _, c := range grammarCases {
		all = append(all, c.text, event(`{"x":`+c.text+`}`), event(`{"tenant":`+c.text+`}`), event(`{"client":{"rtt_ms":`+c.text+`}}`))
	}
	for _, c := range timeCases {
		all = append(all, event(`{"control":{"until":"`+c.text+`"}}`))
	}
	return all
}

// FuzzDecode compares the decoder with the judge, and the forms with each other.
func FuzzDecode(f *testing.F) {
	for _, value := range seeds() {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		agree(t, value)
		bareEvent, bareRejection := decode(t, cloudevents.Message{Value: value})
		event, rejection := decode(t, structured(string(value)))
		if !reflect.DeepEqual(bareEvent, event) || !reflect.DeepEqual(bareRejection, rejection) {
			t.Errorf("bare JSON and structured mode differ for %q", value)
		}
		if rejection == nil {
			encodesBack(t, event)
		}
		_, r := decode(t, cloudevents.Message{Headers: binaryHeaders, Value: value})
		if r == nil && !utf8.Valid(value) {
			t.Errorf("binary mode accepts invalid UTF-8: %q", value)
		}
	})
}

// encodesBack: what an event says is what its own encoding is read as.
func encodesBack(t *testing.T, e *detector.Event) {
	t.Helper()
	written := cloudevents.AppendEvent(nil, e)
	if len(written) > cloudevents.MaxEventBytes {
		return // escapes made it longer
	}
	again, rejection := decode(t, cloudevents.Message{Value: written})
	if rejection != nil {
		t.Fatalf("an encoded event is refused: %v: %s", rejection, written)
	}
	if twice := cloudevents.AppendEvent(nil, again); string(twice) != string(written) || again.Type != e.Type || again.TimeMS != e.TimeMS || again.Dropped != 0 {
		t.Errorf("encoded\n%s\nand again\n%s", written, twice)
	}
}

// FuzzHeaders: whatever the headers are, the decoder answers, and what it accepts has its attributes.
func FuzzHeaders(f *testing.F) {
	f.Add("ce_id", []byte("1"), "ce_type", []byte("tick"), []byte(`{}`))
	f.Add("content-type", []byte("application/cloudevents+json"), "ce_time", []byte("2026-11-22T09:30:00Z"), []byte(ordinary))
	f.Add("Content-Type", []byte("application/json;x"), "CE_SPECVERSION", []byte("1.0"), []byte(`{"tenant":"t"}`))
	f.Fuzz(func(t *testing.T, key1 string, value1 []byte, key2 string, value2 []byte, value []byte) {
		pair := []cloudevents.Header{{Key: key1, Value: value1}, {Key: key2, Value: value2}}
		for _, h := range [][]cloudevents.Header{pair, append(pair, binaryHeaders...), append(pair, binaryHeaders[:4]...)} {
			var d cloudevents.Decoder
			var e detector.Event
			if err := d.Decode(cloudevents.Message{Headers: h, Value: value}, &e); err == nil {
				if e.ID == "" || e.Source == "" || e.TypeName == "" || !utf8.ValidString(e.ID+e.Source+e.TypeName) {
					t.Errorf("accepted without its attributes: %+v", e)
				}
			}
		}
	})
}
