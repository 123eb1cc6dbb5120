package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// minSecret is the shortest id, in bytes, that is also looked for inside other texts. A shorter one is no secret, and would
// be found in any text by chance.
const minSecret = 8

// secret is one raw id of an event or decision, and the pseudonym that stands for it.
type secret struct {
	path      string // where it belongs in the JSON; "": nowhere, it is looked for inside other texts only
	raw       string
	pseudonym string
}

// mask knows the raw ids of one event or decision.
type mask []secret

// add gives the pseudonym of an id and remembers to hide the id wherever it turns up.
func (m *mask) add(p *Pseudonymizer, tenant string, kind IDKind, path, raw string) string {
	if raw == "" {
		return ""
	}
	pseudonym := p.Pseudonym(tenant, kind, raw)
	*m = append(*m, secret{path, raw, pseudonym})
	return pseudonym
}

// keyed are the ids by which the second stage counts, by the word that its keys begin with.
var keyed = map[string]IDKind{"sid": SessionID, "tok": TokenFamily}

// addKey remembers to hide the id that a key of the second stage is made of; the other keys name no secret.
func (m *mask) addKey(p *Pseudonymizer, tenant, path, key string) {
	word, id, _ := strings.Cut(key, ":")
	if kind, secretly := keyed[word]; secretly && id != "" {
		*m = append(*m, secret{path, key, word + ":" + p.Pseudonym(tenant, kind, id)}, secret{"", id, p.Pseudonym(tenant, kind, id)})
	}
}

// text hides the ids in one of the row's texts, which then owns its memory. An app may build an event id, or a path, from a
// session's id; equal texts stay equal, so joins still hold.
func (m mask) text(s string) string {
	for i := range m {
		if len(m[i].raw) >= minSecret && strings.Contains(s, m[i].raw) {
			s = strings.ReplaceAll(s, m[i].raw, m[i].pseudonym)
		}
	}
	return strings.Clone(s)
}

// json hides the ids in a JSON document: each at its path, and inside any other string or key that repeats it. An id that
// is not met at its path is an error, since then the document is not what the ids were decoded from.
func (m mask) json(doc []byte) (string, error) {
	met, places := 0, 0
	for i := range m {
		if m[i].path != "" {
			places++
		}
	}
	out, err := rewriteStrings(make([]byte, 0, len(doc)+32*len(m)), doc, func(path, text []byte, key bool) (string, bool) {
		if !key {
			for i := range m {
				if string(path) == m[i].path && string(text) == m[i].raw {
					met++
					return m[i].pseudonym, true
				}
			}
		}
		if !m.within(text) {
			return "", false
		}
		return m.text(string(text)), true
	})
	if err != nil {
		return "", err
	}
	if met != places {
		return "", fmt.Errorf("hide ids: met %d of %d at their places in the JSON", met, places)
	}
	return string(out), nil
}

func (m mask) within(text []byte) bool {
	for i := range m {
		if len(m[i].raw) >= minSecret && bytes.Contains(text, []byte(m[i].raw)) {
			return true
		}
	}
	return false
}

// Header is one header of a Kafka record.
type Header struct {
	Key   string
	Value []byte
}

// Record is one record of a topic, as the archiver's Log gives it.
type Record struct {
	Coordinates
	Headers []Header
	Value   []byte
}

// attributes are the headers of binary mode that a decoder reads; an event has no other members beside data.
var attributes = []string{"specversion", "id", "source", "type", "time", "datacontenttype"}

// structured gives an event's JSON in structured mode, whichever of the three forms of CloudEvents the record has: of a binary
// one the attributes' headers become members, in their order, and the value becomes `data`.
func structured(r *Record) ([]byte, error) {
	const prefix = "ce_"
	out := []byte{'{'}
	for _, h := range r.Headers {
		name := strings.ToLower(h.Key)
		if name == "content-type" && bytes.HasPrefix(bytes.ToLower(bytes.TrimLeft(h.Value, " \t")), []byte("application/cloudevents")) {
			return r.Value, nil
		}
		key, ok := strings.CutPrefix(name, prefix)
		if !ok || h.Value == nil || !slices.Contains(attributes, key) {
			continue // a tracer's, for instance
		}
		value, err := json.Marshal(string(h.Value))
		if err != nil {
			return nil, err
		}
		out = append(append(append(append(append(out, '"'), key...), `":`...), value...), ',')
	}
	if len(out) == 1 {
		return r.Value, nil
	}
	return append(append(append(out, `"data":`...), r.Value...), '}'), nil
}
