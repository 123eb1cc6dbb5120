package cloudevents

import (
	"fmt"
	"io"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// WriteReference writes the generated part of docs/events.md, in Markdown: fields, required fields, limits, reasons.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	writeFields(&b)
	writeRequired(&b)
	writeLimits(&b)
	b.WriteString("\n### Reasons of a rejection\n\n| Reason | What was wrong |\n|---|---|\n")
	for _, r := range Reasons {
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.Word, r.Doc)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFields(b *strings.Builder) {
	b.WriteString("### Attributes\n\nThey stand at the top of the JSON; in binary mode each is a header, `ce_` and the name.\n")
	tableHead(b)
	writeMembers(b, root)
	b.WriteString("\n### Fields of `data`\n\nAll optional, but for the table below. `null` is absent.\n")
	tableHead(b)
	writeMembers(b, data)
}

func tableHead(b *strings.Builder) { b.WriteString("\n| Field | JSON | Meaning |\n|---|---|---|\n") }

func writeMembers(b *strings.Builder, o *object) {
	for _, m := range o.members {
		switch {
		case m.kind == nested && m.object == data:
		case m.kind == nested:
			writeMembers(b, m.object)
		default:
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.TrimPrefix(m.path, "data."), m.jsonType(), m.sentence())
		}
		if m.kind == brands {
			writeMembers(b, m.object)
		}
	}
}

// jsonType names what stands in the JSON, for publishers.
func (m *member) jsonType() string {
	switch m.kind {
	case moment, eventTime:
		return "RFC 3339 time"
	case address:
		return "IP address"
	case brands:
		return "array of objects"
	case texts, words:
		return "array of strings"
	case flag:
		return "boolean"
	case whole:
		return "integer"
	case real:
		return "number"
	}
	return "string"
}

// sentence is the member's meaning with its unit and its words.
func (m *member) sentence() string {
	s := m.doc()
	if m.field == nil {
		return s
	}
	if m.field.Unit != "" && m.kind != moment {
		s += " (" + m.field.Unit + ")"
	}
	if len(m.field.Enum) > 0 && m.path != "type" {
		s += ": `" + strings.Join(m.field.Enum, "`, `") + "`"
	}
	return s
}

// doc is the member's meaning. The table's note on conditions is for rule authors, not for publishers.
func (m *member) doc() string {
	if m.field != nil {
		return strings.TrimSuffix(m.field.Doc, " (in conditions: how long ago)")
	}
	switch m.kind {
	case eventTime:
		return "when it happened"
	case specVersion:
		return "`1.0`, or left out"
	case mediaTypeOf:
		return "a JSON type, or left out"
	case dataBase64:
		return "refused: `data` must be a JSON object"
	case brands:
		return "Sec-CH-UA, as a list of brands"
	case brandName:
		return "the brand's name"
	case brandVersion:
		return "its version"
	}
	return ""
}

func writeRequired(b *strings.Builder) {
	b.WriteString("\n### Required fields\n\nAlways `id`, `source`, `type` and `time`; and by type:\n\n| Type | `session.id` | `user.id` | `client.ip` |\n|---|---|---|---|\n")
	for t := 1; t < detector.NumEventTypes; t++ {
		need := required[t]
		session, user, ip := mark(need&needSession), mark(need&needUser), mark(need&needIP)
		if need&needUserOrSession != 0 {
			session, user = "one of the two", "one of the two"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", detector.EventTypes[t], session, user, ip)
	}
	b.WriteString("| any other | | | |\n\nAn `operator.control` with `do` `resume_brake` concerns the whole bank and needs neither user nor session.\n")
}

func mark(need needs) string {
	if need != 0 {
		return "required"
	}
	return ""
}

func writeLimits(b *strings.Builder) {
	b.WriteString("\n### Limits\n\n| What | Limit |\n|---|---|\n")
	fmt.Fprintf(b, "| the event: the record's value; in binary mode the value and the headers of the attributes and of `content-type`, names and values | %d bytes |\n", MaxEventBytes)
	fmt.Fprintf(b, "| a string, known or unknown, a key, a header's value: in UTF-8, escapes resolved | %d bytes |\n", MaxStringBytes)
	fmt.Fprintf(b, "| nested objects and arrays; the event is the first level, `data` the second, in all three forms | %d levels |\n", MaxDepth)
	b.WriteString("| a user agent | parsed up to 1024 bytes; the rest is not looked at |\n")
}
