package cloudevents_test

import (
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// event is a tick, which requires nothing, with some data; ev adds the attributes that any event needs.
func event(data string) string { return ev("tick", data) }

func ev(typ, data string) string {
	return fmt.Sprintf(`{"id":"1","source":"/s","type":%q,"time":"2026-11-22T09:30:00Z","data":%s}`, typ, data)
}

func with(member string) string { return strings.Replace(event(`{}`), `"data"`, member+`,"data"`, 1) }

// acceptedCases are events with one thing to look at.
var acceptedCases = []struct {
	name, value string
	got         func(e *detector.Event) any
	want        any
}{
	{"text", event(`{"tenant":"retail"}`), func(e *detector.Event) any { return e.Tenant }, "retail"},
	{"text with escapes", event(`{"reason":"\"\\\/\b\f\n\r\t\u00e5\u20ac\ud83d\ude00"}`), func(e *detector.Event) any { return e.Reason }, "\"\\/\b\f\n\r\tå€😀"},
	{"text beyond ASCII", event(`{"reason":"Linköping 长春 😀"}`), func(e *detector.Event) any { return e.Reason }, "Linköping 长春 😀"},
	{"text with NUL", event(`{"reason":"a\u0000b"}`), func(e *detector.Event) any { return e.Reason }, "a\x00b"},
	{"escaped key", event(`{"\u0074en\u0061nt":"retail"}`), func(e *detector.Event) any { return e.Tenant }, "retail"},
	{"two escaped texts keep apart", event(`{"tenant":"a\n","reason":"b\n"}`), func(e *detector.Event) any { return e.Tenant + e.Reason }, "a\nb\n"},
	{"text of exactly 8 KiB", event(`{"reason":"` + strings.Repeat("x", 8192) + `"}`), func(e *detector.Event) any { return len(e.Reason) }, 8192},
	{"text of 8 KiB whose escapes are longer", event(`{"reason":"` + strings.Repeat(`\n`, 8192) + `"}`), func(e *detector.Event) any { return len(e.Reason) }, 8192},
	{"null is absent", event(`{"tenant":null,"session":null,"client":{"ip":null,"rtt_ms":null,"hints":{"brands":null}},"background":null}`),
		func(e *detector.Event) any {
			return e.Tenant == "" && !e.Client.IP.IsValid() && !e.Client.RTTMS.Set && e.Background == detector.Absent
		}, true},
	{"null data", event(`null`), func(e *detector.Event) any { return e.Type }, detector.Tick},
	{"a key with NUL behind it is another", event(`{"user":{"id\u0000":1,"\u0000":2}}`), func(e *detector.Event) any { return e.User.ID }, ""},
	{"keys are compared with case", event(`{"Tenant":"x","SESSION":7}`), func(e *detector.Event) any { return e.Tenant }, ""},
	{"white space", "\t\r\n " + event(" {\r\n\t\"tenant\" : \"retail\" , \"user\" : { \"roles\" : [ \"a\" , \"b\" ] } } ") + " \n",
		func(e *detector.Event) any { return strings.Join(e.User.Roles, " ") }, "a b"},

	{"word", event(`{"session":{"kind":"mobile_app"}}`), func(e *detector.Event) any { return e.Session.Kind }, detector.KindMobileApp},
	{"last word of its list", event(`{"session":{"end_reason":"account_disabled"}}`), func(e *detector.Event) any { return e.Session.EndReason }, detector.EndAccountDisabled},
	{"unknown word is absent", event(`{"session":{"kind":"toaster"}}`), func(e *detector.Event) any { return e.Session.Kind }, detector.Enum(0)},
	{"true", event(`{"background":true}`), func(e *detector.Event) any { return e.Background }, detector.True},
	{"false", event(`{"background":false}`), func(e *detector.Event) any { return e.Background }, detector.False},

	{"whole", event(`{"session":{"seq":42}}`), func(e *detector.Event) any { return e.Session.Seq }, detector.Whole{V: 42, Set: true}},
	{"whole zero is present", event(`{"session":{"seq":0}}`), func(e *detector.Event) any { return e.Session.Seq }, detector.Whole{V: 0, Set: true}},
	{"whole minus zero", event(`{"session":{"seq":-0}}`), func(e *detector.Event) any { return e.Session.Seq }, detector.Whole{V: 0, Set: true}},
	{"whole above 2^53", event(`{"session":{"seq":9007199254740993}}`), func(e *detector.Event) any { return e.Session.Seq.V }, int64(9007199254740993)},
	{"largest whole", event(`{"session":{"seq":9223372036854775807}}`), func(e *detector.Event) any { return e.Session.Seq.V }, int64(9223372036854775807)},
	{"smallest whole", event(`{"session":{"seq":-9223372036854775808}}`), func(e *detector.Event) any { return e.Session.Seq.V }, int64(-9223372036854775808)},
	{"number", event(`{"client":{"rtt_ms":31.25}}`), func(e *detector.Event) any { return e.Client.RTTMS }, detector.Real{V: 31.25, Set: true}},
	{"number without fraction", event(`{"action":{"amount":12500}}`), func(e *detector.Event) any { return e.Action.Amount.V }, 12500.0},
	{"number with exponent", event(`{"action":{"amount":-1.25E+2}}`), func(e *detector.Event) any { return e.Action.Amount.V }, -125.0},
	{"number too small is zero", event(`{"action":{"amount":1e-400}}`), func(e *detector.Event) any { return e.Action.Amount }, detector.Real{V: 0, Set: true}},
	{"huge number in an unknown field", event(`{"x":1e999999}`), func(e *detector.Event) any { return e.Type }, detector.Tick},

	{"IPv4", event(`{"client":{"ip":"89.160.20.112"}}`), func(e *detector.Event) any { return e.Client.IP }, netip.MustParseAddr("89.160.20.112")},
	{"IPv6", event(`{"client":{"ip":"2001:DB8::17"}}`), func(e *detector.Event) any { return e.Client.IP }, netip.MustParseAddr("2001:db8::17")},
	{"IPv4 in IPv6 is unmapped", event(`{"client":{"ip":"::ffff:192.0.2.1"}}`), func(e *detector.Event) any { return e.Client.IP }, netip.MustParseAddr("192.0.2.1")},

	{"list", event(`{"auth":{"methods":["pwd","otp"]}}`), func(e *detector.Event) any { return e.Auth.Methods }, []string{"pwd", "otp"}},
	{"empty list", event(`{"auth":{"methods":[]}}`), func(e *detector.Event) any { return len(e.Auth.Methods) }, 0},
	{"null in a list", event(`{"auth":{"methods":["pwd",null,"otp"]}}`), func(e *detector.Event) any { return e.Auth.Methods }, []string{"pwd", "otp"}},
	{"set", event(`{"client":{"geo":{"anonymous":["relay","tor","new_kind"]}}}`), func(e *detector.Event) any { return e.Client.Geo.Anonymous }, detector.Tor | detector.Relay},
	{"brands", event(`{"client":{"hints":{"brands":[{"brand":"Chromium","version":"142"},null,{"x":[{}],"brand":"Brave"}]}}}`),
		func(e *detector.Event) any { return e.Client.Brands }, []detector.Brand{{Brand: "Chromium", Version: "142"}, {Brand: "Brave"}}},

	{"unknown fields", event(`{"x":[1,"a",{"b":[true,false,null]}],"session":{"y":{}},"client":{"hints":{"brandz":1}}}`), func(e *detector.Event) any { return e.Type }, detector.Tick},
	{"extension attributes", with(`"traceparent":"00-1-2-01","partitionkey":"u"`), func(e *detector.Event) any { return e.ID }, "1"},
	{"the same key in different objects", event(`{"x":{"a":1},"y":{"a":1,"b":{"a":1}},"a":1}`), func(e *detector.Event) any { return e.Type }, detector.Tick},
	{"eight levels", event(`{"x":[[[[[[]]]]]]}`), func(e *detector.Event) any { return e.Type }, detector.Tick},
	{"many unknown keys", event(`{` + manyKeys(5000) + `}`), func(e *detector.Event) any { return e.Type }, detector.Tick},
	{"exactly 64 KiB", padded(cloudevents.MaxEventBytes), func(e *detector.Event) any { return e.ID }, "1"},

	{"no specversion", event(`{}`), func(e *detector.Event) any { return e.ID }, "1"},
	{"specversion", with(`"specversion":"1.0"`), func(e *detector.Event) any { return e.ID }, "1"},
	{"specversion null", with(`"specversion":null`), func(e *detector.Event) any { return e.ID }, "1"},
	{"datacontenttype", with(`"datacontenttype":"Application/JSON; charset=utf-8"`), func(e *detector.Event) any { return e.ID }, "1"},
	{"datacontenttype with suffix", with(`"datacontenttype":"application/vnd.bank+json"`), func(e *detector.Event) any { return e.ID }, "1"},
	{"data_base64 null", with(`"data_base64":null`), func(e *detector.Event) any { return e.ID }, "1"},
	{"no data", `{"id":"1","source":"/s","type":"tick","time":"2026-11-22T09:30:00Z"}`, func(e *detector.Event) any { return e.Source }, "/s"},
	{"data before the attributes", `{"data":{"tenant":"t"},"time":"2026-11-22T09:30:00Z","type":"tick","source":"/s","id":"1"}`, func(e *detector.Event) any { return e.Tenant }, "t"},
	{"unknown type", ev("session.teleported", `{"user":{"id":"u"}}`), func(e *detector.Event) any { return []any{e.Type, e.TypeName, e.User.ID} },
		[]any{detector.UnknownType, "session.teleported", "u"}},
	{"our own source", strings.Replace(event(`{}`), `/s`, `/sessionguard/observe`, 1), func(e *detector.Event) any { return e.Source }, "/sessionguard/observe"},
	{"resume_brake names no one", ev("operator.control", `{"control":{"do":"resume_brake","by":"anna"}}`), func(e *detector.Event) any { return e.Control.Do }, detector.ControlResumeBrake},
	{"an id never issued has no session", ev("session.unknown_id", `{"client":{"ip":"192.0.2.1"}}`), func(e *detector.Event) any { return e.Type }, detector.SessionUnknownID},
	{"time at the epoch", strings.Replace(event(`{}`), "2026-11-22T09:30:00Z", "1970-01-01T00:00:00Z", 1), func(e *detector.Event) any { return e.TimeMS }, int64(0)},
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"k%d":0`, i)
	}
	return strings.Join(keys, ",")
}

// padded is an event of n bytes.
func padded(n int) string { s := event(`{}`); return s + strings.Repeat(" ", n-len(s)) }

func TestAccepted(t *testing.T) {
	for _, c := range acceptedCases {
		e, r := decode(t, bare(c.value))
		if r != nil {
			t.Errorf("%s: refused as %s: %s", c.name, r.Reason, r.Detail)
		} else if got := c.got(e); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %#v, want %#v", c.name, got, c.want)
		}
	}
}

type rejectedCase struct {
	name   string
	m      cloudevents.Message
	reason string
}

// rejectedCases cover every reason, in all forms. What the rejections say is in testdata/rejections.golden.
func rejectedCases() []rejectedCase {
	return slices.Concat(syntaxCases(), typeCases(), droppedAndBrokenCases(), limitCases(), missingCases(), headerCases())
}

// b is a case in bare JSON.
func b(name, value, reason string) rejectedCase { return rejectedCase{name, bare(value), reason} }

func syntaxCases() []rejectedCase {
	return []rejectedCase{
		{"tombstone", cloudevents.Message{}, cloudevents.NoValue},
		{"tombstone in binary mode", cloudevents.Message{Headers: binaryHeaders}, cloudevents.NoValue},

		b("not JSON", `hello`, cloudevents.NotJSON),
		b("only white space", "  \n", cloudevents.NotJSON),
		b("truncated", event(`{}`)[:40], cloudevents.NotJSON),
		b("trailing bytes", event(`{}`)+` x`, cloudevents.NotJSON),
		b("two events", event(`{}`)+event(`{}`), cloudevents.NotJSON),
		b("byte-order mark", "\ufeff"+event(`{}`), cloudevents.NotJSON),
		b("trailing comma", event(`{"tenant":"a",}`), cloudevents.NotJSON),
		b("no colon", event(`{"tenant" "a"}`), cloudevents.NotJSON),
		b("word that is none", event(`{"background":tru}`), cloudevents.NotJSON),
		b("NaN", event(`{"client":{"rtt_ms":NaN}}`), cloudevents.NotJSON),
		b("leading zero", event(`{"session":{"seq":01}}`), cloudevents.NotJSON),
		b("bad number in an unknown field", event(`{"x":1.}`), cloudevents.NotJSON),
		b("control character", event("{\"tenant\":\"a\nb\"}"), cloudevents.NotJSON),
		b("unknown escape", event(`{"tenant":"\x"}`), cloudevents.NotJSON),
		b("short unicode escape", event(`{"tenant":"\u12"}`), cloudevents.NotJSON),
	}
}

func typeCases() []rejectedCase {
	return []rejectedCase{
		b("top is an array", `[]`, cloudevents.WrongType),
		b("top is null", `null`, cloudevents.WrongType),
		b("data is a text", event(`"{}"`), cloudevents.WrongType),
		b("data is an array", event(`[]`), cloudevents.WrongType),
		b("id is a number", strings.Replace(event(`{}`), `"1"`, `1`, 1), cloudevents.WrongType),
		b("time is a number", strings.Replace(event(`{}`), `"2026-11-22T09:30:00Z"`, `1795339800`, 1), cloudevents.WrongType),
		b("specversion is a number", with(`"specversion":1.0`), cloudevents.WrongType),
		b("required text is a number", ev("session.ended", `{"session":{"id":17}}`), cloudevents.WrongType),
		b("required address is a list", ev("session.unknown_id", `{"client":{"ip":["192.0.2.1"]}}`), cloudevents.WrongType),
		b("object of a required field is a text", ev("session.ended", `{"session":"ses"}`), cloudevents.WrongType),
		b("object of one of two required fields is a list", ev("factor.changed", `{"user":["u"]}`), cloudevents.WrongType),
		b("another field than the required one is dropped", ev("session.ended", `{"session":{"id_bits":"128"},"user":5}`), cloudevents.MissingField),

		b("specversion 0.3", with(`"specversion":"0.3"`), cloudevents.Unsupported),
		b("data_base64", with(`"data_base64":"e30="`), cloudevents.Unsupported),
		b("datacontenttype XML", with(`"datacontenttype":"application/xml"`), cloudevents.Unsupported),
	}
}

func limitCases() []rejectedCase {
	return []rejectedCase{
		b("invalid UTF-8", event("{\"tenant\":\"a\xffb\"}"), cloudevents.InvalidUTF8),
		b("invalid UTF-8 in an unknown key", event("{\"\xc3\":1}"), cloudevents.InvalidUTF8),
		b("overlong UTF-8", event("{\"tenant\":\"\xc0\xaf\"}"), cloudevents.InvalidUTF8),
		b("surrogate in UTF-8", event("{\"tenant\":\"\xed\xa0\x80\"}"), cloudevents.InvalidUTF8),
		b("lone high surrogate", event(`{"tenant":"\ud83d"}`), cloudevents.InvalidUTF8),
		b("high surrogate and a letter", event(`{"tenant":"\ud83d\u0041"}`), cloudevents.InvalidUTF8),
		b("two low surrogates", event(`{"tenant":"\ude00\ude00"}`), cloudevents.InvalidUTF8),
		b("lone low surrogate", event(`{"x":"\ude00"}`), cloudevents.InvalidUTF8),

		b("duplicate attribute", with(`"id":"2"`), cloudevents.DuplicateKey),
		b("duplicate data", with(`"data":{}`), cloudevents.DuplicateKey),
		b("duplicate field", event(`{"user":{"id":"a","id":"b"}}`), cloudevents.DuplicateKey),
		b("duplicate field, once null", event(`{"user":{"id":null,"id":"b"}}`), cloudevents.DuplicateKey),
		b("duplicate field, once escaped", event(`{"user":{"id":"a","\u0069d":"b"}}`), cloudevents.DuplicateKey),
		b("duplicate unknown key", event(`{"x":1,"y":2,"x":3}`), cloudevents.DuplicateKey),
		b("duplicate empty key", event(`{"":1,"":2}`), cloudevents.DuplicateKey),
		b("duplicate key in an unknown object", event(`{"x":[{"a":1,"a":1}]}`), cloudevents.DuplicateKey),
		b("duplicate key in a brand", event(`{"client":{"hints":{"brands":[{"brand":"a","brand":"b"}]}}}`), cloudevents.DuplicateKey),
		b("duplicate among many", event(`{`+manyKeys(5000)+`,"k17":0}`), cloudevents.DuplicateKey),

		b("event too large", padded(cloudevents.MaxEventBytes+1), cloudevents.OverLimit),
		b("text too long", event(`{"client":{"user_agent":"`+strings.Repeat("x", 8193)+`"}}`), cloudevents.OverLimit),
		b("text too long, and more behind it", event(`{"client":{"user_agent":"`+strings.Repeat("x", 8193)+`","timezone":"Europe/Stockholm"}}`), cloudevents.OverLimit),
		b("unknown text too long", event(`{"x":"`+strings.Repeat("x", 8193)+`"}`), cloudevents.OverLimit),
		b("key too long", event(`{"`+strings.Repeat("x", 8193)+`":1}`), cloudevents.OverLimit),
		b("text too long in bytes", event(`{"reason":"`+strings.Repeat("å", 4097)+`"}`), cloudevents.OverLimit),
		b("nine levels", event(`{"x":[[[[[[[]]]]]]]}`), cloudevents.OverLimit),
		b("nine levels of objects", event(`{"x":{"x":{"x":{"x":{"x":{"x":{"x":{}}}}}}}}`), cloudevents.OverLimit),
		b("thousands of levels", event(`{"x":`+strings.Repeat("[", 30000)+`}`), cloudevents.OverLimit),

		b("address with a port", event(`{"client":{"ip":"192.0.2.1:443"}}`), cloudevents.BadIP),
		b("address with leading zeros", event(`{"client":{"ip":"192.0.02.1"}}`), cloudevents.BadIP),
		b("address with a zone", event(`{"client":{"ip":"fe80::1%eth0"}}`), cloudevents.BadIP),
		b("address with an empty zone", event(`{"client":{"ip":"fe80::1%"}}`), cloudevents.BadIP),
		b("prefix", event(`{"client":{"ip":"192.0.2.0/24"}}`), cloudevents.BadIP),
		b("empty address", event(`{"client":{"ip":""}}`), cloudevents.BadIP),
		b("host name", event(`{"client":{"ip":"localhost"}}`), cloudevents.BadIP),

		b("time of a session", event(`{"session":{"created_at":"yesterday"}}`), cloudevents.BadTime),
		b("empty time", strings.Replace(event(`{}`), "2026-11-22T09:30:00Z", "", 1), cloudevents.BadTime),
	}
}

func missingCases() (cases []rejectedCase) {
	add := func(name, value string) {
		cases = append(cases, rejectedCase{name, bare(value), cloudevents.MissingField})
	}
	add("empty object", `{}`)
	for _, attribute := range []string{`"id":"1",`, `"source":"/s",`, `"type":"tick",`, `"time":"2026-11-22T09:30:00Z",`} {
		add("without "+strings.Trim(strings.Split(attribute, ":")[0], `"`), strings.Replace(event(`{}`), attribute, "", 1))
	}
	add("empty id", strings.Replace(event(`{}`), `"1"`, `""`, 1))
	add("id null", strings.Replace(event(`{}`), `"1"`, `null`, 1))
	add("no data at all", `{"id":"1","source":"/s","type":"session.presented","time":"2026-11-22T09:30:00Z"}`)
	const session, ip, user = `"session":{"id":"s"}`, `"client":{"ip":"192.0.2.1"}`, `"user":{"id":"u"}`
	for _, typ := range []string{"session.created", "session.presented", "session.renewed", "action.requested", "action.completed"} {
		add(typ+" without session", ev(typ, `{`+ip+`,`+user+`}`))
		add(typ+" without address", ev(typ, `{`+session+`,`+user+`}`))
	}
	for _, typ := range []string{"session.privilege_changed", "session.ended"} {
		add(typ+" without session", ev(typ, `{`+ip+`,`+user+`}`))
	}
	for _, typ := range []string{"session.unknown_id", "auth.failed", "auth.reauthenticated", "token.refreshed"} {
		add(typ+" without address", ev(typ, `{`+session+`,`+user+`}`))
	}
	for _, typ := range []string{"account.disabled", "place.observed"} {
		add(typ+" without user", ev(typ, `{`+session+`,`+ip+`}`))
	}
	for _, typ := range []string{"token.reuse_detected", "credential.changed", "factor.changed", "command.acknowledged", "verdict.recorded", "operator.control", "observation.verdict"} {
		add(typ+" without user and session", ev(typ, `{`+ip+`}`))
	}
	add("empty session", ev("session.ended", `{"session":{"id":""}}`))
	return cases
}

func TestRejected(t *testing.T) {
	var golden strings.Builder
	tried := map[string]bool{}
	for _, c := range rejectedCases() {
		_, r := decode(t, c.m)
		if r == nil {
			t.Errorf("%s: accepted, want %s", c.name, c.reason)
			continue
		}
		if r.Reason != c.reason {
			t.Errorf("%s: refused as %s (%s), want %s", c.name, r.Reason, r.Detail, c.reason)
		}
		if r.Error() != r.Detail {
			t.Errorf("%s: Error() is not the detail", c.name)
		}
		tried[r.Reason] = true
		fmt.Fprintf(&golden, "%s\n\t%s: %s\n", c.name, r.Reason, r.Detail)
	}
	for _, reason := range cloudevents.Reasons {
		if !tried[reason.Word] {
			t.Errorf("no case is refused as %s", reason.Word)
		}
	}
	const file = "testdata/rejections.golden"
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := golden.String(); got != readFile(t, file) {
		t.Errorf("%s differs; run with -update and read the difference. Now:\n%s", file, got)
	}
}

// Each type needs what the contract says and no more.
func TestRequiredIsEnough(t *testing.T) {
	const session, ip, user = `"session":{"id":"s"}`, `"client":{"ip":"192.0.2.1"}`, `"user":{"id":"u"}`
	for types, data := range map[string]string{
		"session.created session.presented session.renewed action.requested action.completed":                                               session + "," + ip,
		"session.privilege_changed session.ended":                                                                                           session,
		"session.unknown_id auth.failed auth.reauthenticated token.refreshed":                                                               ip,
		"account.disabled place.observed token.reuse_detected credential.changed factor.changed":                                            user,
		"command.acknowledged verdict.recorded operator.control observation.verdict token.reuse_detected credential.changed factor.changed": session,
		"tick something.else": "",
	} {
		for typ := range strings.FieldsSeq(types) {
			if _, r := decode(t, bare(ev(typ, `{`+data+`}`))); r != nil {
				t.Errorf("%s with %s: %s", typ, data, r.Detail)
			}
		}
	}
}

// A rejection must not carry what the message says: it goes to logs and to the dead-letter topic's headers.
func TestRejectionsQuoteNothing(t *testing.T) {
	const secret = "SECRET1"
	for _, value := range []string{
		event(`{"` + secret + `":1,"` + secret + `":2}`), event(`{"client":{"ip":"` + secret + `"}}`), with(`"specversion":"` + secret + `"`),
		event(`{"` + secret + `":` + secret + `}`), event(`{"session":{"created_at":"` + secret + `"}}`), with(`"datacontenttype":"` + secret + `"`),
		ev("session.ended", `{"session":["`+secret+`"]}`), event(`{"x":"` + secret + `\ud800"}`), ev(secret, `[]`),
		event(`{"session":{"seq":9223372036854775808123456}}`) + secret, event(`{}`) + secret, strings.Repeat(secret, 10000),
	} {
		_, r := decode(t, bare(value))
		if r == nil {
			t.Fatalf("accepted: %s", value)
		}
		if strings.Contains(r.Detail, secret) || strings.Contains(r.Detail, "9223372036854775808123456") {
			t.Errorf("the detail quotes the message: %s", r.Detail)
		}
		if !slices.ContainsFunc(cloudevents.Reasons, func(known cloudevents.Reason) bool { return known.Word == r.Reason }) {
			t.Errorf("%s is not in Reasons", r.Reason)
		}
	}
}

func TestDecoderIsReusable(t *testing.T) {
	var d cloudevents.Decoder
	var e detector.Event
	full := bare(event(`{"tenant":"a\nb","user":{"roles":["r"]},"client":{"hints":{"brands":[{"brand":"x"}]},"ip":"192.0.2.1"},"background":true}`))
	for _, m := range []cloudevents.Message{full, bare(`{"id":`), bare(event(`{` + manyKeys(100) + `,"a":1,"a":2}`)), bare(event(`{"tenant":5}`)), {}} {
		_ = d.Decode(m, &e) // what it leaves behind must not show below
		if err := d.Decode(bare(event(`{}`)), &e); err != nil {
			t.Fatal(err)
		}
		var fresh detector.Event
		if err := new(cloudevents.Decoder).Decode(bare(event(`{}`)), &fresh); err != nil {
			t.Fatal(err)
		}
		if len(d.Dropped) != 0 {
			t.Errorf("an earlier message's dropped fields show: %v", d.Dropped)
		}
		fresh.User.Roles, fresh.Client.Brands = e.User.Roles[:0], e.Client.Brands[:0]
		if !reflect.DeepEqual(e, fresh) {
			t.Errorf("an earlier message shows:\n%+v\n%+v", e, fresh)
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	for name, m := range map[string]cloudevents.Message{
		"structured": structured(ordinary), "binary": toBinary(t, ordinary), "bare": bare(ordinary),
		"dropped fields":           bare(event(`{"tenant":1,"client":{"rtt_ms":"31","hints":{"brands":{"a":[]}}},"session":{"seq":1e400}}`)),
		"escapes and unknown keys": bare(event(`{"tenant":"a\nb","x":{"y":[1]},"z":"\u0041"}`)),
	} {
		var d cloudevents.Decoder
		var e detector.Event
		if n := testing.AllocsPerRun(100, func() {
			if err := d.Decode(m, &e); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// The tree compares short keys as numbers, filled up with zeros: a key that has zeros itself is still another key.
func TestKeysWithZerosBehindAreUnknown(t *testing.T) {
	for _, f := range detector.EventFields {
		names := strings.Split(f.Name, ".")
		for n := 1; len(names[len(names)-1])+n <= 9; n++ {
			value := `"` + names[len(names)-1] + strings.Repeat(`\u0000`, n) + `":[{}]`
			for i := len(names) - 2; i >= 0; i-- {
				value = `"` + names[i] + `":{` + value + `}`
			}
			for _, value := range []string{with(value), event(`{` + value + `}`)} {
				if _, r := decode(t, bare(value)); r != nil {
					t.Errorf("%s and %d zeros: %s", f.Name, n, r.Detail)
				}
			}
		}
	}
}
