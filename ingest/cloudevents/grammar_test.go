package cloudevents_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// grammarCases are JSON texts after the well-known JSONTestSuite, each the value of an unknown field. Named y_ must be read,
// n_ refused; i_ leaves the standard open. reason says what we do: "" read.
var grammarCases = []struct{ name, text, reason string }{
	{"y_array_arraysWithSpaces", `[[]   ]`, ""},
	{"y_array_empty-string", `[""]`, ""},
	{"y_array_empty", `[]`, ""},
	{"y_array_ending_with_newline", "[\"a\"\n]", ""},
	{"y_array_false", `[false]`, ""},
	{"y_array_heterogeneous", `[null, 1, "1", {}]`, ""},
	{"y_array_null", `[null]`, ""},
	{"y_array_with_1_and_newline", "[1\n]", ""},
	{"y_array_with_leading_space", ` [1]`, ""},
	{"y_array_with_several_null", `[1,null,null,null,2]`, ""},
	{"y_array_with_trailing_space", `[2] `, ""},
	{"y_number", `123e65`, ""},
	{"y_number_0e+1", `0e+1`, ""},
	{"y_number_0e1", `0e1`, ""},
	{"y_number_after_space", ` 4`, ""},
	{"y_number_double_close_to_zero", `-0.000000000000000000000000000000000000000000000000000000000000000000000000000001`, ""},
	{"y_number_int_with_exp", `20e1`, ""},
	{"y_number_minus_zero", `-0`, ""},
	{"y_number_negative_int", `-123`, ""},
	{"y_number_negative_one", `-1`, ""},
	{"y_number_real_capital_e", `1E22`, ""},
	{"y_number_real_capital_e_neg_exp", `1E-2`, ""},
	{"y_number_real_capital_e_pos_exp", `1E+2`, ""},
	{"y_number_real_fraction_exponent", `123.456e78`, ""},
	{"y_object", `{"asd":"sdf", "dfg":"fgh"}`, ""},
	{"y_object_duplicated_key", `{"a":"b","a":"c"}`, cloudevents.DuplicateKey},
	{"y_object_duplicated_key_and_value", `{"a":"b","a":"b"}`, cloudevents.DuplicateKey},
	{"y_object_empty", `{}`, ""},
	{"y_object_empty_key", `{"":0}`, ""},
	{"y_object_escaped_null_in_key", `{"foo\u0000bar": 42}`, ""},
	{"y_object_extreme_numbers", `{"min":-1.0e+28, "max": 1.0e+28}`, ""},
	{"y_object_string_unicode", `{"title":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430 \u0417\u0435\u043c\u043b\u0435\u043a\u043e\u043f\u0430"}`, ""},
	{"y_object_with_newlines", "{\n\"a\": \"b\"\n}", ""},
	{"y_string_1_2_3_bytes_UTF-8_sequences", `"\u0060\u012a\u12AB"`, ""},
	{"y_string_accepted_surrogate_pair", `"\uD801\udc37"`, ""},
	{"y_string_accepted_surrogate_pairs", `"\ud83d\ude39\ud83d\udc8d"`, ""},
	{"y_string_allowed_escapes", `"\"\\\/\b\f\n\r\t"`, ""},
	{"y_string_backslash_and_u_escaped_zero", `"\\u0000"`, ""},
	{"y_string_backslash_doublequotes", `"\""`, ""},
	{"y_string_comments", `"a/*b*/c/*d//e"`, ""},
	{"y_string_double_escape_a", `"\\a"`, ""},
	{"y_string_escaped_control_character", `"\u0012"`, ""},
	{"y_string_escaped_noncharacter", `"\uFFFF"`, ""},
	{"y_string_last_surrogates_1_and_2", `"\uDBFF\uDFFF"`, ""},
	{"y_string_nbsp_uescaped", `"new\u00A0line"`, ""},
	{"y_string_nonCharacterInUTF-8_U+10FFFF", "\"\U0010FFFF\"", ""},
	{"y_string_null_escape", `"\u0000"`, ""},
	{"y_string_simple_ascii", `"asd "`, ""},
	{"y_string_u+2028_line_sep", "\"\u2028\"", ""},
	{"y_string_unescaped_char_delete", "\"\x7f\"", ""},
	{"y_string_utf8", `"€𝄞"`, ""},
	{"y_structure_lonely_true", `true`, ""},
	{"y_structure_lonely_null", `null`, ""},
	{"y_structure_whitespace_array", "\t\r\n []", ""},

	{"n_array_1_true_without_comma", `[1 true]`, cloudevents.NotJSON},
	{"n_array_colon_instead_of_comma", `["": 1]`, cloudevents.NotJSON},
	{"n_array_comma_after_close", `[""],`, cloudevents.NotJSON},
	{"n_array_comma_and_number", `[,1]`, cloudevents.NotJSON},
	{"n_array_double_comma", `[1,,2]`, cloudevents.NotJSON},
	{"n_array_extra_close", `["x"]]`, cloudevents.NotJSON},
	{"n_array_extra_comma", `["",]`, cloudevents.NotJSON},
	{"n_array_incomplete", `["x"`, cloudevents.NotJSON},
	{"n_array_invalid_utf8", "[\xff]", cloudevents.NotJSON},
	{"n_array_just_minus", `[-]`, cloudevents.NotJSON},
	{"n_array_spaces_vertical_tab_formfeed", "[\"\va\"\\f]", cloudevents.NotJSON},
	{"n_array_formfeed_as_space", "[\f1]", cloudevents.NotJSON},
	{"n_array_star_inside", `[*]`, cloudevents.NotJSON},
	{"n_array_unclosed_with_new_lines", "[1,\n1\n,1", cloudevents.NotJSON},
	{"n_incomplete_false", `[fals]`, cloudevents.NotJSON},
	{"n_incomplete_null", `[nul]`, cloudevents.NotJSON},
	{"n_incomplete_true", `[tru]`, cloudevents.NotJSON},
	{"n_multidigit_number_then_00", "123\x00", cloudevents.NotJSON},
	{"n_number_++", `++1234`, cloudevents.NotJSON},
	{"n_number_+1", `+1`, cloudevents.NotJSON},
	{"n_number_+Inf", `+Inf`, cloudevents.NotJSON},
	{"n_number_-01", `-01`, cloudevents.NotJSON},
	{"n_number_-1.0.", `-1.0.`, cloudevents.NotJSON},
	{"n_number_-2.", `-2.`, cloudevents.NotJSON},
	{"n_number_-NaN", `-NaN`, cloudevents.NotJSON},
	{"n_number_.-1", `.-1`, cloudevents.NotJSON},
	{"n_number_.2e-3", `.2e-3`, cloudevents.NotJSON},
	{"n_number_0.1.2", `0.1.2`, cloudevents.NotJSON},
	{"n_number_0.3e+", `0.3e+`, cloudevents.NotJSON},
	{"n_number_0.3e", `0.3e`, cloudevents.NotJSON},
	{"n_number_0.e1", `0.e1`, cloudevents.NotJSON},
	{"n_number_0e+", `0e+`, cloudevents.NotJSON},
	{"n_number_1_000", `1 000.0`, cloudevents.NotJSON},
	{"n_number_1eE2", `1eE2`, cloudevents.NotJSON},
	{"n_number_9.e+", `9.e+`, cloudevents.NotJSON},
	{"n_number_expression", `1+2`, cloudevents.NotJSON},
	{"n_number_hex_1_digit", `0x1`, cloudevents.NotJSON},
	{"n_number_infinity", `Infinity`, cloudevents.NotJSON},
	{"n_number_NaN", `NaN`, cloudevents.NotJSON},
	{"n_number_U+FF11_fullwidth_digit_one", `１`, cloudevents.NotJSON},
	{"n_number_neg_with_garbage_at_end", `-1x`, cloudevents.NotJSON},
	{"n_number_with_leading_zero", `012`, cloudevents.NotJSON},
	{"n_object_bad_value", `["x", truth]`, cloudevents.NotJSON},
	{"n_object_comma_instead_of_colon", `{"x", null}`, cloudevents.NotJSON},
	{"n_object_double_colon", `{"x"::"b"}`, cloudevents.NotJSON},
	{"n_object_garbage_at_end", `{"a":"a" 123}`, cloudevents.NotJSON},
	{"n_object_key_with_single_quotes", `{key: 'value'}`, cloudevents.NotJSON},
	{"n_object_missing_value", `{"a":`, cloudevents.NotJSON},
	{"n_object_non_string_key", `{1:1}`, cloudevents.NotJSON},
	{"n_object_several_trailing_commas", `{"id":0,,,,,}`, cloudevents.NotJSON},
	{"n_object_single_quote", `{'a':0}`, cloudevents.NotJSON},
	{"n_object_trailing_comma", `{"id":0,}`, cloudevents.NotJSON},
	{"n_object_trailing_comment", `{"a":"b"}/**/`, cloudevents.NotJSON},
	{"n_object_unquoted_key", `{a: "b"}`, cloudevents.NotJSON},
	{"n_string_1_surrogate_then_escape_u1x", `"\uD800\u1x"`, cloudevents.InvalidUTF8},
	{"n_string_accentuated_char_no_quotes", `é`, cloudevents.NotJSON},
	{"n_string_escape_x", `"\x00"`, cloudevents.NotJSON},
	{"n_string_escaped_emoji", `"\🌀"`, cloudevents.NotJSON},
	{"n_string_incomplete_escape", `"\"`, cloudevents.NotJSON},
	{"n_string_incomplete_escaped_character", `"\u00A"`, cloudevents.NotJSON},
	{"n_string_invalid_unicode_escape", `"\uqqqq"`, cloudevents.NotJSON},
	{"n_string_single_quote", `'single quote'`, cloudevents.NotJSON},
	{"n_string_unescaped_ctrl_char", "\"a\x00a\"", cloudevents.NotJSON},
	{"n_string_unescaped_newline", "\"new\nline\"", cloudevents.NotJSON},
	{"n_string_unescaped_tab", "\"\t\"", cloudevents.NotJSON},
	{"n_string_unicode_CapitalU", `"\UA66D"`, cloudevents.NotJSON},
	{"n_structure_angle_bracket_.", `<.>`, cloudevents.NotJSON},
	{"n_structure_array_trailing_garbage", `[1]x`, cloudevents.NotJSON},
	{"n_structure_capitalized_True", `[True]`, cloudevents.NotJSON},
	{"n_structure_close_unopened_array", `1]`, cloudevents.NotJSON},
	{"n_structure_no_data", ``, cloudevents.NotJSON},
	{"n_structure_U+2060_word_joined", "[\u2060]", cloudevents.NotJSON},
	{"n_structure_UTF8_BOM_no_data", "\ufeff", cloudevents.NotJSON},
	{"n_structure_whitespace_U+00A0", "[\u00a0]", cloudevents.NotJSON},
	{"n_structure_unclosed_object", `{"asd":"asd"`, cloudevents.NotJSON},

	{"i_number_huge_exp", `0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006`, ""},
	{"i_number_real_underflow", `123e-10000000`, ""},
	{"i_number_too_big_pos_int", `100000000000000000000`, ""},
	{"i_object_key_lone_2nd_surrogate", `{"\uDFAA":0}`, cloudevents.InvalidUTF8},
	{"i_string_1st_surrogate_but_2nd_missing", `"\uDADA"`, cloudevents.InvalidUTF8},
	{"i_string_1st_valid_surrogate_2nd_invalid", `"\uD888\u1234"`, cloudevents.InvalidUTF8},
	{"i_string_UTF-8_invalid_sequence", "\"\xe6\x97\xa5\xd1\x88\xfa\"", cloudevents.InvalidUTF8},
	{"i_string_inverted_surrogates_U+1D11E", `"\uDd1e\uD834"`, cloudevents.InvalidUTF8},
	{"i_string_iso_latin_1", "\"\xe9\"", cloudevents.InvalidUTF8},
	{"i_string_overlong_sequence_2_bytes", "\"\xc0\xaf\"", cloudevents.InvalidUTF8},
	{"i_string_truncated-utf-8", "\"\xe0\xff\"", cloudevents.InvalidUTF8},
	{"i_structure_500_nested_arrays", strings.Repeat("[", 500) + strings.Repeat("]", 500), cloudevents.OverLimit},
	{"i_structure_UTF-8_BOM_empty_object", "\ufeff{}", cloudevents.NotJSON},
}

func TestGrammar(t *testing.T) {
	for _, c := range grammarCases {
		_, r := decode(t, bare(event(`{"x":`+c.text+`}`)))
		switch {
		case r == nil && c.reason != "":
			t.Errorf("%s: read, want %s", c.name, c.reason)
		case r != nil && r.Reason != c.reason:
			t.Errorf("%s: refused as %s (%s), want %q", c.name, r.Reason, r.Detail, c.reason)
		}
		if valid := json.Valid([]byte(c.text)); c.name[0] != 'i' && valid != (c.name[0] == 'y') {
			t.Errorf("%s is named wrongly: encoding/json says valid: %t", c.name, valid)
		}
	}
}

// The scanner looks at eight bytes at a time: each byte that matters to it must be seen at each place among them.
func TestScannerSeesEveryByteAnywhere(t *testing.T) {
	for place := range 20 {
		for c := range 256 {
			text := strings.Repeat("x", place) + string([]byte{byte(c)}) + "yyyyyyyyyyyyyyyyyyyy"
			for _, value := range []string{event(`{"tenant":"` + text + `"}`), event(`{"` + text + `":1}`)} {
				agree(t, []byte(value))
			}
		}
	}
}
