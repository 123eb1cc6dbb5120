package rules

import "testing"

// TestPlacesInsideAText asks for a fault in every style in which YAML writes a text.
func TestPlacesInsideAText(t *testing.T) {
	f := func(style, when string, line, column int) {
		t.Helper()
		_, problems := load(t, "version: 1\nrules:\n  - id: a\n    score: 1\n    evidence: client\n    when: "+when+"\n")
		if len(problems) == 0 || problems[0].Code != codeUnknownName || problems[0].Line != line || problems[0].Column != column {
			t.Errorf("%s: want %d:%d, got\n%s", style, line, column, written(problems))
		}
	}
	f("plain", `user.mfa_fresh and session.agee > duration("1m")`, 6, 30)
	f("plain over lines", "user.mfa_fresh\n      and   session.agee > duration(\"1m\")", 7, 13)
	f("single quotes", `'user.mfa_fresh and user.segmnt == "it''s"'`, 6, 31)
	f("single quotes before", `'user.segment == "it''s" and user.segmnt == "a"'`, 6, 40)
	f("double quotes", `"user.segment == \"a\" and user.segmnt == \"b\""`, 6, 38)
	f("double quotes over lines", "\"user.mfa_fresh \\\n      and user.segmnt == 'a'\"", 7, 11)
	f("literal", "|\n      user.mfa_fresh\n        and session.agee > duration(\"1m\")", 8, 13)
	f("literal with a blank line", "|\n\n      user.mfa_fresh\n\n      and user.segmnt == \"a\"", 10, 11)
	f("literal, stripped", "|-\n      user.segmnt == \"a\"", 7, 7)
	f("folded", ">\n      user.mfa_fresh\n      and user.segmnt == \"a\"", 8, 11)
	f("folded with a comment behind its mark", ">- # why\n      user.mfa_fresh\n      and user.segmnt == \"a\"", 8, 11)
	f("wide characters before", `'user.segment == "ö日本" and user.segmnt == "a"'`, 6, 38)
}
