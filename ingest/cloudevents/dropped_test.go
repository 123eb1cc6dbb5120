package cloudevents_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// droppedCases are events with a wrong type, or a number that does not fit, in an optional field: each is read as if it were
// the event without.
var droppedCases = []struct {
	name, value, without string
	dropped              string // as Decoder.Dropped, joined
}{
	{"object is a text", event(`{"session":"ses","tenant":"t"}`), event(`{"tenant":"t"}`), "data.session"},
	{"object is an array", event(`{"client":[{"ip":"192.0.2.1"}]}`), event(`{}`), "data.client"},
	{"inner object is true", event(`{"session":{"cookie":true,"seq":1}}`), event(`{"session":{"seq":1}}`), "data.session.cookie"},
	{"text is a number", event(`{"user":{"id":4711}}`), event(`{}`), "data.user.id"},
	{"text is an object", event(`{"user":{"id":{"id":"u"},"segment":"a"}}`), event(`{"user":{"segment":"a"}}`), "data.user.id"},
	{"text is true", event(`{"user":{"id":true}}`), event(`{}`), "data.user.id"},
	{"text is an array", event(`{"user":{"id":["u"]}}`), event(`{}`), "data.user.id"},
	{"word is a number", event(`{"session":{"kind":1}}`), event(`{}`), "data.session.kind"},
	{"flag is a text", event(`{"background":"true"}`), event(`{}`), "data.background"},
	{"flag is a number", event(`{"background":1}`), event(`{}`), "data.background"},
	{"whole is a text", event(`{"session":{"seq":"1"}}`), event(`{}`), "data.session.seq"},
	{"number is an array", event(`{"client":{"rtt_ms":[1]}}`), event(`{}`), "data.client.rtt_ms"},
	{"number is a text", event(`{"action":{"amount":"12.50","currency":"SEK"}}`), event(`{"action":{"currency":"SEK"}}`), "data.action.amount"},
	{"list is a text", event(`{"user":{"roles":"customer"}}`), event(`{}`), "data.user.roles"},
	{"numbers in a list", event(`{"user":{"roles":["a",1,2,"b"]}}`), event(`{"user":{"roles":["a","b"]}}`), "data.user.roles"},
	{"list in a set", event(`{"client":{"geo":{"anonymous":[["tor"],"vpn"]}}}`), event(`{"client":{"geo":{"anonymous":["vpn"]}}}`), "data.client.geo.anonymous"},
	{"address is a number", event(`{"client":{"ip":3221225985}}`), event(`{}`), "data.client.ip"},
	{"time of a session is a number", event(`{"session":{"created_at":1795339800}}`), event(`{}`), "data.session.created_at"},
	{"brands is an object", event(`{"client":{"hints":{"brands":{}}}}`), event(`{}`), "data.client.hints.brands"},
	{"brand is a text", event(`{"client":{"hints":{"brands":["Chromium",{"brand":"Brave"}]}}}`), event(`{"client":{"hints":{"brands":[{"brand":"Brave"}]}}}`), "data.client.hints.brands"},
	{"brand's version is a number", event(`{"client":{"hints":{"brands":[{"brand":"Brave","version":142}]}}}`),
		event(`{"client":{"hints":{"brands":[{"brand":"Brave"}]}}}`), "data.client.hints.brands[].version"},
	{"datacontenttype is a number", with(`"datacontenttype":7`), event(`{}`), "datacontenttype"},
	{"several", event(`{"tenant":1,"outcome":[],"device":{"id":2}}`), event(`{}`), "data.tenant data.outcome data.device.id"},
	{"one of two required fields", ev("factor.changed", `{"user":{"id":5},"session":{"id":"s"}}`), ev("factor.changed", `{"session":{"id":"s"}}`), "data.user.id"},

	{"whole with a fraction", event(`{"session":{"seq":1.5}}`), event(`{}`), "data.session.seq"},
	{"whole with a zero fraction", event(`{"session":{"seq":1.0}}`), event(`{}`), "data.session.seq"},
	{"whole with an exponent", event(`{"session":{"seq":1e3}}`), event(`{}`), "data.session.seq"},
	{"whole too large", event(`{"session":{"seq":9223372036854775808}}`), event(`{}`), "data.session.seq"},
	{"whole too small", event(`{"session":{"seq":-9223372036854775809}}`), event(`{}`), "data.session.seq"},
	{"number too large", event(`{"action":{"amount":1e400}}`), event(`{}`), "data.action.amount"},
}

func TestWrongTypeInAnOptionalFieldIsAbsent(t *testing.T) {
	for _, c := range droppedCases {
		var d cloudevents.Decoder
		var got detector.Event
		if err := d.Decode(bare(c.value), &got); err != nil {
			t.Errorf("%s: refused: %s", c.name, err)
			continue
		}
		if dropped := strings.Join(d.Dropped, " "); dropped != c.dropped {
			t.Errorf("%s: dropped %q, want %q", c.name, dropped, c.dropped)
		}
		want, r := decode(t, bare(c.without))
		if r != nil {
			t.Fatalf("%s: %s", c.name, r.Detail)
		}
		if !reflect.DeepEqual(got, *want) {
			t.Errorf("%s: got %+v\nwant %+v", c.name, got, *want)
		}
	}
}

// A value that is dropped is still read by the rules of all JSON.
func droppedAndBrokenCases() []rejectedCase {
	return []rejectedCase{
		b("dropped value is cut", event(`{"session":[1,}`), cloudevents.NotJSON),
		b("dropped value is a word that is none", event(`{"tenant":nil}`), cloudevents.NotJSON),
		b("dropped number has a leading zero", event(`{"tenant":01}`), cloudevents.NotJSON),
		b("dropped number ends early", event(`{"session":{"seq":1.}}`), cloudevents.NotJSON),
		b("duplicate key in a dropped value", event(`{"tenant":{"a":1,"a":2}}`), cloudevents.DuplicateKey),
		b("duplicate field, once dropped", event(`{"tenant":1,"tenant":"a"}`), cloudevents.DuplicateKey),
		b("invalid UTF-8 in a dropped value", event("{\"session\":\"\xff\"}"), cloudevents.InvalidUTF8),
		b("lone surrogate in a dropped member", event(`{"user":{"roles":[{"\ud83d":1}]}}`), cloudevents.InvalidUTF8),
		b("dropped text too long", event(`{"session":"`+strings.Repeat("x", 8193)+`"}`), cloudevents.OverLimit),
		b("dropped value of nine levels", event(`{"tenant":[[[[[[[]]]]]]]}`), cloudevents.OverLimit),
		b("dropped member of nine levels", event(`{"user":{"roles":[[[[[[]]]]]]}}`), cloudevents.OverLimit),
		b("dropped brand of nine levels", event(`{"client":{"hints":{"brands":[[[[[]]]]]}}}`), cloudevents.OverLimit),
	}
}

// The depth counts from the event also where a value is dropped: eight levels are still read.
func TestDroppedValuesMayBeEightLevelsDeep(t *testing.T) {
	for _, data := range []string{`{"tenant":[[[[[[]]]]]]}`, `{"user":{"roles":[[[[[]]]]]}}`, `{"client":{"hints":{"brands":[[[[]]]]}}}`} {
		if _, r := decode(t, bare(event(data))); r != nil {
			t.Errorf("%s: %s", data, r.Detail)
		}
	}
}
