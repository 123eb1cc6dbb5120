package rules

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// forms shows how the entries of a list of mappings are written, by the list and by its entry.
var forms = func() map[string]string {
	f := map[string]string{
		"an exception": "{id: office, when: ..., reason: ..., owner: ..., expires: 2027-03-31}",
		"an exemption": "{when: ..., reason: ..., owner: ..., expires: 2027-03-31}",
		"an override":  "{segment: private, score: 60}",
		"a test":       "{name: ..., events: [{at: 0s}], expect: {fires: [1]}}",
		"expect":       "{fires: [2]}, or {fires: []} for silence",
		"a list":       "{type: cidr, values: [198.51.100.0/24]}",
		"rollout":      "{percent: 25, by: user.id}",
		"a rung":       "{score: 40}",
		"a brake":      "{per: 1m, count: 200, share: 0.5%, on_trip: require_reauth}",
	}
	for entry, form := range f {
		f[entry] = "write " + form
	}
	for list, entry := range map[string]string{"except": "an exception", "exempt": "an exemption", "overrides": "an override", "tests": "a test"} {
		f[list] = strings.Replace(f[entry], "write ", "write - ", 1)
	}
	f["events"] = "write - {at: 1m, ip: 203.0.113.7}"
	f["rules"] = "write - id: ..., and below it the rule's other keys"
	return f
}()

// listForm says how to write as a list what is none.
func listForm(n node, what string) string {
	scalar := n.Kind == yaml.ScalarNode
	switch {
	case forms[what] != "":
		return forms[what]
	case what == "fires" && scalar && n.Value == "true":
		return "write the numbers of the events on which it fires: [1]"
	case scalar && (n.Value == "false" || n.Value == "none" || n.Value == "0" && what == "fires"):
		return "write [] for none"
	case scalar && n.Value != "":
		return "write [" + cut(n.Value) + "]"
	}
	return "write it as a list: [a, b]"
}

// keyHint says what a key that is not known was meant to be.
func keyHint(key string, known []string) string {
	if strings.Contains(key, "\u00a0") {
		return "a no-break space stands in it: write plain spaces"
	}
	if name, value, colon := strings.Cut(key, ":"); colon && contains(known, name) {
		return "put a space after the colon: " + name + ": " + strings.TrimSpace(value)
	}
	return nearOrAll(key, known)
}
