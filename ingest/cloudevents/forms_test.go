package cloudevents_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

var binaryHeaders = headers("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", "tick", "ce_time", "2026-11-22T09:30:00Z")

func plus(h []cloudevents.Header, pairs ...string) []cloudevents.Header {
	return append(h[:len(h):len(h)], headers(pairs...)...)
}

// All three forms of one event give the same.
func TestFormsAreEqual(t *testing.T) {
	want, r := decode(t, bare(ordinary))
	if r != nil {
		t.Fatal(r)
	}
	inUpperCase := toBinary(t, ordinary)
	for i := range inUpperCase.Headers {
		inUpperCase.Headers[i].Key = strings.ToUpper(inUpperCase.Headers[i].Key)
	}
	withTypes := func(contentType string) cloudevents.Message {
		return cloudevents.Message{Headers: headers("Content-Type", contentType), Value: []byte(ordinary)}
	}
	repeated := structured(ordinary)
	repeated.Headers = plus(repeated.Headers, "ce_id", "other", "ce_time", "nonsense")
	for name, m := range map[string]cloudevents.Message{
		"structured":                         structured(ordinary),
		"structured in upper case":           withTypes("APPLICATION/CLOUDEVENTS+JSON"),
		"structured with parameters":         withTypes("application/cloudevents+json ;charset=utf-8"),
		"structured with repeated ce_":       repeated,
		"bare with a content type":           withTypes("application/json"),
		"bare with headers of others":        {Headers: headers("traceparent", "00-1-2-01", "ce_traceparent", "00-1-2-01", "ce_data", "{}", "ce", "x", "ce_", "y"), Value: []byte(ordinary)},
		"binary":                             toBinary(t, ordinary),
		"binary in upper case":               inUpperCase,
		"binary with an extension, repeated": {Headers: plus(toBinary(t, ordinary).Headers, "ce_traceparent", "a", "ce_traceparent", "\xff"), Value: toBinary(t, ordinary).Value},
	} {
		if got, r := decode(t, m); r != nil {
			t.Errorf("%s: %s: %s", name, r.Reason, r.Detail)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v\nwant %+v", name, got, want)
		}
	}
}

func TestBinaryMode(t *testing.T) {
	for name, m := range map[string]cloudevents.Message{
		"without content type":       {Headers: binaryHeaders, Value: []byte(`{"tenant":"t"}`)},
		"without specversion":        {Headers: binaryHeaders[1:], Value: []byte(`{"tenant":"t"}`)},
		"null specversion":           {Headers: append([]cloudevents.Header{{Key: "ce_specversion"}}, binaryHeaders[1:]...), Value: []byte(`{"tenant":"t"}`)},
		"suffix json":                {Headers: plus(binaryHeaders, "content-type", "application/vnd.bank+json;v=1"), Value: []byte(`{"tenant":"t"}`)},
		"an attribute's name inside": {Headers: binaryHeaders, Value: []byte(`{"tenant":"t","id":5,"data":{"tenant":"u"}}`)},
		"eight levels":               {Headers: binaryHeaders, Value: []byte(`{"tenant":"t","x":[[[[[[]]]]]]}`)},
	} {
		if e, r := decode(t, m); r != nil {
			t.Errorf("%s: %s: %s", name, r.Reason, r.Detail)
		} else if e.ID != "1" || e.Type != detector.Tick || e.Tenant != "t" || e.TimeMS != 1795339800000 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if _, r := decode(t, cloudevents.Message{Headers: binaryHeaders, Value: []byte(" null ")}); r != nil {
		t.Errorf("null data: %s", r.Detail)
	}
}

func headerCases() []rejectedCase {
	h := func(name string, headers []cloudevents.Header, value, reason string) rejectedCase {
		return rejectedCase{name, cloudevents.Message{Headers: headers, Value: []byte(value)}, reason}
	}
	replaced := func(i int, text string) []cloudevents.Header {
		all := slices.Clone(binaryHeaders)
		all[i].Value = []byte(text)
		return all
	}
	return []rejectedCase{
		h("structured, not JSON", headers("content-type", "application/cloudevents+json"), `x`, cloudevents.NotJSON),
		h("batch", headers("content-type", "application/cloudevents-batch+json"), `[]`, cloudevents.Unsupported),
		h("format Avro", headers("content-type", "application/cloudevents+avro"), `x`, cloudevents.Unsupported),
		h("no format", headers("content-type", "application/cloudevents"), event(`{}`), cloudevents.Unsupported),
		h("two content types", headers("content-type", "application/json", "Content-Type", "application/cloudevents+json"), event(`{}`), cloudevents.DuplicateKey),
		h("binary XML", plus(binaryHeaders, "content-type", "application/xml"), `{}`, cloudevents.Unsupported),
		h("binary specversion", replaced(0, "2.0"), `{}`, cloudevents.Unsupported),
		h("binary ce_id twice", plus(binaryHeaders, "CE_ID", "2"), `{}`, cloudevents.DuplicateKey),
		h("binary empty ce_id", replaced(1, ""), `{}`, cloudevents.MissingField),
		h("binary without time", binaryHeaders[:4], `{}`, cloudevents.MissingField),
		h("binary bad time", replaced(4, "22/Nov/2026:09:30:00"), `{}`, cloudevents.BadTime),
		h("binary ce_id not UTF-8", replaced(1, "\xff"), `{}`, cloudevents.InvalidUTF8),
		h("binary ce_id too long", replaced(1, strings.Repeat("x", 8193)), `{}`, cloudevents.OverLimit),
		h("binary too large with its headers", replaced(1, strings.Repeat("x", 8192)), `{}`+strings.Repeat(" ", 60000), cloudevents.OverLimit),
		h("binary data is an array", binaryHeaders, `[]`, cloudevents.WrongType),
		h("binary nine levels", binaryHeaders, `{"x":[[[[[[[]]]]]]]}`, cloudevents.OverLimit),
		h("binary with only one attribute", headers("ce_time", "2026-11-22T09:30:00Z"), `{}`, cloudevents.MissingField),
	}
}
