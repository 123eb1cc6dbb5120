package storage

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// mark replaces the strings that are "secret" and says where each was met.
func mark(met *[]string) swap {
	return func(path, text []byte, key bool) (string, bool) {
		if string(text) != "secret" || key {
			return "", false
		}
		*met = append(*met, string(path))
		return `<"é>`, true
	}
}

func TestRewriteStrings(t *testing.T) {
	f := func(src, want, paths string) {
		t.Helper()
		var met []string
		got, err := rewriteStrings([]byte("before "), []byte(src), mark(&met))
		if err != nil || string(got) != "before "+want || strings.Join(met, " ") != paths {
			t.Errorf("%s\n gives %s at %q (error: %v)\n want  before %s at %q", src, got, met, err, want, paths)
		}
	}
	f(`{"a":"secret"}`, `{"a":"\u003c\"é\u003e"}`, "a")
	f(" {\t\"a\" : { \"b\":\r\n\"secret\" , \"c\": 1.50e+3 } } ", " {\t\"a\" : { \"b\":\r\n\"\\u003c\\\"é\\u003e\" , \"c\": 1.50e+3 } } ", "a.b")
	f(`{"\u0061":"\u0073ecret","n":null}`, `{"\u0061":"\u003c\"é\u003e","n":null}`, "a")
	f(`["x",["secret",{}],{"k":["secret"]}]`, `["x",["\u003c\"é\u003e",{}],{"k":["\u003c\"é\u003e"]}]`, "[][] [].k[]")
	f(`{"secret":"\"secret\"","z":[]}`, `{"secret":"\"secret\"","z":[]}`, "")
	f(`"secret"`, `"\u003c\"é\u003e"`, "")
	f(`12`, `12`, "")
}

func TestRewriteStringsRefuses(t *testing.T) {
	for _, src := range []string{"", " ", "{", "[", `"`, `"\`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{a:1}`, `{"a":1}x`, `[1 2]`, `[1,]`, `{"a":1,}`, "\x00",
		strings.Repeat("[", 1000) + strings.Repeat("]", 1000)} {
		if _, err := rewriteStrings(nil, []byte(src), mark(new([]string))); err == nil {
			t.Errorf("%.40q is taken", src)
		}
	}
}

// FuzzRewriteStrings compares with encoding/json: what is valid JSON there stays the same value but for the strings that
// are replaced, and what is not valid never becomes valid.
func FuzzRewriteStrings(f *testing.F) {
	for _, seed := range []string{`{"a":["secret",1,true,null,{"b":"x\u00e9\\"}]}`, `[[],{},"",-1.5E+7]`, ` "secret" `, `{"a":1}}`, `{"\ud800":"secret"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var met []string
		got, err := rewriteStrings(nil, src, mark(&met))
		if !json.Valid(src) {
			if err == nil && json.Valid(got) {
				t.Fatalf("%q became valid: %q", src, got)
			}
			return
		}
		if err != nil {
			if depth(src) > maxDepth {
				return
			}
			t.Fatalf("%q is refused: %v", src, err)
		}
		if len(met) == 0 && !bytes.Equal(got, src) {
			t.Fatalf("%q became %q although nothing was replaced", src, got)
		}
		var before, after any
		if err := json.Unmarshal(src, &before); err != nil {
			return // a number out of range
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q became %q: %v", src, got, err)
		}
		if want := replaced(before); !reflect.DeepEqual(after, want) {
			t.Fatalf("%q became %q, want the value %v", src, got, want)
		}
	})
}

func depth(src []byte) (deepest int) {
	open := 0
	for _, c := range src {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open--
		}
		deepest = max(deepest, open)
	}
	return deepest
}

// replaced does to a decoded value what mark does to its text.
func replaced(v any) any {
	switch v := v.(type) {
	case string:
		if v == "secret" {
			return `<"é>`
		}
	case []any:
		for i := range v {
			v[i] = replaced(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = replaced(v[k])
		}
	}
	return v
}
