package rules

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// bankFacts are the values of one event, by the name of the field.
type bankFacts struct {
	values []Value
}

func (f bankFacts) Fact(i int) Value { return f.values[i] }

func factsOf(t testing.TB, l *Language, values map[string]Value) bankFacts {
	t.Helper()
	f := bankFacts{make([]Value, len(l.Fields))}
	for name, v := range values {
		i, ok := l.Field(name)
		if !ok {
			t.Fatalf("no field %q", name)
		}
		v.Present = true
		f.values[i] = v
	}
	return f
}

// conditionIn compiles one condition with two lists at hand.
func conditionIn(t testing.TB, l *Language, text string) *Condition {
	t.Helper()
	yaml := "version: 1\nlists:\n" +
		"  corp: {type: cidr, values: [198.51.100.0/24, \"2001:db8:10::/48\", 203.0.113.7]}\n" +
		"  vpn: {type: asn, values: [64496, 4200000000]}\n" +
		"  far: {type: country, values: [KP, IR]}\n" +
		"  batch: {type: string, values: [svc-a, svc-b]}\n" +
		"rules:\n  - id: a\n    score: 1\n    evidence: client\n    when: |\n      " + strings.ReplaceAll(text, "\n", "\n      ") + "\n"
	set, problems := Load([]Source{{Name: "r.yaml", Text: []byte(yaml)}}, l, Options{})
	if set == nil {
		t.Fatal(written(problems, Source{Name: "r.yaml", Text: []byte(yaml)}))
	}
	return set.Rules[0].When
}

func TestConditions(t *testing.T) {
	l := bankLanguage()
	facts := factsOf(t, l, map[string]Value{
		"client.ip": {IP: netip.MustParseAddr("198.51.100.9")}, "client.geo.asn": {Int: 64496}, "client.geo.country": {Str: "SE"},
		"client.geo.lat": {Num: 59.3}, "client.geo.anonymous": {Strs: []string{"vpn"}}, "client.user_agent": {Str: "Mozilla/5.0 curl"},
		"client.rtt_ms": {Num: math.NaN()}, "user.id": {Str: "svc-a"}, "user.mfa_fresh": {Bool: true}, "background": {}, "session.age": {Int: 600_000},
		"session.since_drift": {Int: 120_000}, "session.seq": {Int: 1<<53 + 1}, "auth.aal": {Int: 2}, "action.kind": {Str: "payee"}, "action.amount": {Num: 500},
	})
	for text, want := range map[string]Tri{
		"action.kind == \"payee\"":                                         True,
		"action.kind in [\"payee\", \"limit\"]":                            True,
		"action.kind not in [\"payee\", \"limit\"]":                        False,
		"action.kind != \"limit\"":                                         True,
		"client.ip in corp":                                                True,
		"client.ip not in corp":                                            False,
		"client.ip in [\"198.51.100.9\", \"203.0.113.0/24\"]":              True,
		"client.ip == \"198.51.100.9\"":                                    True,
		"client.ip != \"::ffff:198.51.100.9\"":                             False,
		"client.geo.asn in vpn":                                            True,
		"client.geo.asn in [64497]":                                        False,
		"client.geo.asn == 64496":                                          True,
		"client.geo.country in far":                                        False,
		"client.geo.country == \"SE\"":                                     True,
		"user.id in batch":                                                 True,
		"\"vpn\" in client.geo.anonymous":                                  True,
		"\"tor\" in client.geo.anonymous":                                  False,
		"client.user_agent contains \"curl\"":                              True,
		"client.user_agent startsWith \"curl\"":                            False,
		"client.user_agent endsWith \"curl\"":                              True,
		"client.user_agent matches \"^Mozilla/[0-9]\"":                     True,
		"session.since_drift < duration(\"10m\")":                          True,
		"session.age - session.since_drift > duration(\"7m\")":             True,
		"session.age == duration(\"10m\")":                                 True,
		"duration(\"1m\") * 10 == session.age":                             True,
		"auth.aal + 1 == 3":                                                True,
		"auth.aal * 2.5 == 5":                                              True,
		"-auth.aal < 0":                                                    True,
		"auth.aal < 2.5":                                                   True,
		"2.5 > auth.aal":                                                   True,
		"action.amount >= 500":                                             True,
		"action.amount in [499.5, 500]":                                    True,
		"session.seq == 9007199254740993":                                  True,
		"session.seq == 9007199254740992":                                  False,
		"session.seq > 9007199254740992.0":                                 True, // a float64 could not tell them apart
		"session.seq * 9007199254740993 > 0":                               Unknown,
		"user.mfa_fresh":                                                   True,
		"not user.mfa_fresh":                                               False,
		"user.mfa_fresh == true and background != true":                    True,
		"not background":                                                   True,
		"0 < auth.aal < 3":                                                 True,
		"client.rtt_ms > 5":                                                Unknown, // NaN is no number
		"client.ja4 == \"t13\"":                                            Unknown,
		"client.ja4 != \"t13\"":                                            Unknown,
		"not (client.ja4 == \"t13\")":                                      Unknown,
		"client.ja4 == client.ja4":                                         Unknown,
		"client.ja4 in batch":                                              Unknown,
		"client.ja4 not in batch":                                          Unknown,
		"client.ja4 matches \"^t\"":                                        Unknown,
		"client.ja4 == \"t\" and background":                               False,
		"background and client.ja4 == \"t\"":                               False,
		"client.ja4 == \"t\" or user.mfa_fresh":                            True,
		"client.ja4 == \"t\" or background":                                Unknown,
		"user.mfa_fresh and client.ja4 == \"t\"":                           Unknown,
		"\"x\" in user.roles":                                              Unknown,
		"action.kind == \"payee\"\n  and session.age < duration(\"1h\")\n": True,
	} {
		if got := conditionIn(t, l, text).Eval(facts); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestMissingNamesTheFirstAbsentField(t *testing.T) {
	l := bankLanguage()
	c := conditionIn(t, l, `user.mfa_fresh or client.ja4 == "t13"`)
	facts := factsOf(t, l, map[string]Value{"user.mfa_fresh": {}})
	if i := c.Missing(facts); i < 0 || l.Fields[i].Name != "client.ja4" {
		t.Errorf("missing %d", i)
	}
	c = conditionIn(t, l, `client.rtt_ms > 5`)
	if i := c.Missing(factsOf(t, l, map[string]Value{"client.rtt_ms": {Num: math.NaN()}})); i < 0 {
		t.Error("what is no number is missing too")
	}
	c = conditionIn(t, l, `user.mfa_fresh or client.ja4 == "t13"`)
	facts = factsOf(t, l, map[string]Value{"user.mfa_fresh": {}, "client.ja4": {Str: "t13"}})
	if i := c.Missing(facts); i != -1 {
		t.Errorf("missing %d, want none", i)
	}
}

func TestCompareMixed(t *testing.T) {
	f := func(a int64, b float64, want int) {
		t.Helper()
		if got := compareMixed(a, b); got != want {
			t.Errorf("%d and %v: got %d, want %d", a, b, got, want)
		}
	}
	f(1, 1, 0)
	f(1, 1.5, -1)
	f(2, 1.5, 1)
	f(-1, -1.5, 1)
	f(-2, -1.5, -1)
	f(1<<53+1, 1<<53, 1)
	f(math.MaxInt64, 1<<63, -1)
	f(math.MinInt64, -(1 << 63), 0)
	f(math.MinInt64, math.Inf(-1), 1)
	f(math.MaxInt64, math.Inf(1), -1)
}

func TestWholeArithmeticRefusesOverflow(t *testing.T) {
	if _, ok := addWhole(math.MaxInt64, 1); ok {
		t.Error("sum overflowed")
	}
	if v, ok := addWhole(math.MaxInt64, -1); !ok || v != math.MaxInt64-1 {
		t.Error("sum refused")
	}
	if _, ok := subWhole(math.MinInt64, 1); ok {
		t.Error("difference overflowed")
	}
	if v, ok := subWhole(-1, -1); !ok || v != 0 {
		t.Error("difference refused")
	}
	if _, ok := mulWhole(1<<32, 1<<31); ok {
		t.Error("product overflowed")
	}
	if v, ok := mulWhole(-3, 1<<40); !ok || v != -3<<40 {
		t.Error("product refused")
	}
}

func TestEvalDoesNotAllocate(t *testing.T) {
	l := bankLanguage()
	facts := Facts(factsOf(t, l, benchmarkValues()))
	for _, text := range append(strings.Split(benchmarkConditions, "\n"), benchmarkCondition) {
		c := conditionIn(t, l, text)
		if n := testing.AllocsPerRun(100, func() { c.Eval(facts) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

// benchmarkCondition holds to its end, so nothing is cut short: the five clauses of the design's measurements.
const benchmarkCondition = `action.kind == "payee" and client.rtt_ms > 900 and client.geo.lat > 50 and client.geo.asn not in vpn and session.seq >= 3`

const benchmarkConditions = `client.ip in corp
client.ip in ["198.51.100.9", "203.0.113.0/24"]
client.user_agent matches "^Mozilla/[0-9]+"
client.user_agent contains "curl" or user.id in batch
"vpn" in client.geo.anonymous
session.age + duration("1m") > duration("10m") and session.seq * 1.5 > 2`

func benchmarkValues() map[string]Value {
	return map[string]Value{"action.kind": {Str: "payee"}, "client.rtt_ms": {Num: 1000}, "client.geo.lat": {Num: 59}, "client.geo.asn": {Int: 64500}, "session.seq": {Int: 7},
		"client.ip": {IP: netip.MustParseAddr("198.51.100.77")}, "client.user_agent": {Str: "Mozilla/5.0"}, "user.id": {Str: "u-1"},
		"client.geo.anonymous": {Strs: []string{"vpn"}}, "session.age": {Int: int64(time.Hour / time.Millisecond)}}
}

func BenchmarkEval(b *testing.B) {
	l := bankLanguage()
	facts := Facts(factsOf(b, l, benchmarkValues()))
	run := func(name, text string) {
		c := conditionIn(b, l, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Eval(facts)
			}
		})
	}
	run("five clauses", benchmarkCondition)
	run("first clause false", `action.kind == "limit" and client.rtt_ms > 900 and client.geo.lat > 50`)
	run("list of networks", `client.ip in corp`)
}
