package rules

import (
	"regexp"
	"slices"
	"strings"
)

// reference is a form of `references:`.
type reference struct {
	scheme, example string
	form            *regexp.Regexp // of what stands behind the colon
}

// references are the catalogues that a rule may point to: what it defends against, and who demands it.
var references = []reference{
	{"appsensor", "appsensor:SE5", regexp.MustCompile(`^[A-Z]{2,4}\d+$`)},
	{"asvs", "asvs:v5.0.0-7.5", regexp.MustCompile(`^v\d+\.\d+\.\d+-\d+\.\d+(\.\d+)?$`)},
	{"attack", "attack:T1550.004", regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)},
	{"capec", "capec:61", regexp.MustCompile(`^\d+$`)},
	{"cwe", "cwe:384", regexp.MustCompile(`^\d+$`)},
	{"d", "d:01", regexp.MustCompile(`^\d{2}$`)}, // the number in our own catalogue of detections
	{"https", "https://wiki.bank.example/NET-4411", regexp.MustCompile(`^//[^\s/]+(/\S*)?$`)},
	{"nist", "nist:800-63b#7.1", regexp.MustCompile(`^[0-9A-Za-z.-]+(#[0-9.]+)?$`)},
	{"owasp", "owasp:A07-2021", regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:._-]*$`)},
	{"pci", "pci:4.0-8.2.8", regexp.MustCompile(`^\d+\.\d+(\.\d+)?-\d+(\.\d+)*$`)},
	{"psd2", "psd2:rts-2.2", regexp.MustCompile(`^[A-Za-z0-9.()-]+$`)},
	{"rfc", "rfc:9700", regexp.MustCompile(`^\d+(#[a-z0-9.-]+)?$`)},
	{"wstg", "wstg:SESS-03", regexp.MustCompile(`^[A-Z]{4}-\d{2}$`)},
}

func (l *loader) loadReferences(n node) []string {
	var list []string
	for _, item := range l.items(n, "references") {
		s, ok := l.text(item, "a reference")
		if !ok {
			continue
		}
		scheme, rest, _ := strings.Cut(s, ":")
		i := slices.IndexFunc(references, func(r reference) bool { return r.scheme == scheme })
		switch {
		case i < 0:
			l.fail(item, codeForm, referenceHint(s, scheme), "%q is not a reference", cut(s))
		case !references[i].form.MatchString(rest):
			l.fail(item, codeForm, "write it as "+references[i].example, "%q is not a reference of the form %s:...", cut(s), scheme)
		}
		list = append(list, s)
	}
	return list
}

// bareReference is what people write without saying whose number it is.
var bareReference = regexp.MustCompile(`^(?i)(cwe|capec|rfc|wstg|asvs)[- ]?(.+)$|^(T\d{4}(?:\.\d{3})?)$`)

func referenceHint(s, scheme string) string {
	if m := bareReference.FindStringSubmatch(s); m != nil && m[3] != "" {
		return "write attack:" + m[3]
	} else if m != nil {
		return "write " + strings.ToLower(m[1]) + ":" + m[2]
	}
	var schemes []string
	for _, r := range references {
		schemes = append(schemes, r.scheme)
	}
	if near, ok := nearest(scheme, schemes); ok {
		return "did you mean " + near + ":?"
	}
	return "write it as attack:T1550.004, asvs:v5.0.0-7.5 or cwe:384"
}
