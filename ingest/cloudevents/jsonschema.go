package cloudevents

import (
	"bytes"
	"encoding/json"
	"io"
	"math"

	"github.com/sessionguard/sessionguard/detector"
)

// WriteSchema writes the JSON Schema (draft 2020-12) of an event in structured mode. It is as strict as a schema can be, for it
// is the publishers' test: a wrong type in an optional field breaks it, where the decoder only drops the field. What only the
// decoder refuses is in docs/events.md. The output is a function of the field table alone.
func WriteSchema(w io.Writer) error {
	s := schemaOf(&member{kind: nested, object: root})
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "Session event"
	s.Description = "A CloudEvents 1.0 event about a session, as docs/events.md describes it."
	s.Type = "object"
	s.Required = []string{"id", "source", "type", "time"}
	s.AllOf = requirements()
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(s)
}

// jsonSchema is the part of the vocabulary that we use, in the order in which it is written.
type jsonSchema struct {
	Schema      string        `json:"$schema,omitempty"`
	Title       string        `json:"title,omitempty"`
	Description string        `json:"description,omitempty"`
	Type        any           `json:"type,omitempty"` // a name, or names
	Enum        []any         `json:"enum,omitempty"`
	Examples    []string      `json:"examples,omitempty"`
	Format      string        `json:"format,omitempty"`
	Pattern     string        `json:"pattern,omitempty"`
	MinLength   int           `json:"minLength,omitempty"`
	MaxLength   int           `json:"maxLength,omitempty"`
	Minimum     json.Number   `json:"minimum,omitempty"`
	Maximum     json.Number   `json:"maximum,omitempty"`
	Items       *jsonSchema   `json:"items,omitempty"`
	Required    []string      `json:"required,omitempty"`
	Properties  properties    `json:"properties,omitempty"`
	If          *jsonSchema   `json:"if,omitempty"`
	Then        *jsonSchema   `json:"then,omitempty"`
	AnyOf       []*jsonSchema `json:"anyOf,omitempty"`
	AllOf       []*jsonSchema `json:"allOf,omitempty"`
}

// properties keep the order of the table.
type properties []property

type property struct {
	key    string
	schema *jsonSchema
}

func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i := range p {
		b.WriteByte("{,"[min(i, 1)])
		if err := enc.Encode(p[i].key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(p[i].schema); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// schemaOf describes a member. null is allowed everywhere but where the field is required: it means absent.
func schemaOf(m *member) *jsonSchema {
	s := &jsonSchema{Description: m.doc()}
	switch m.kind {
	case nested:
		s.Type = orNull("object")
		for _, child := range m.object.members {
			s.Properties = append(s.Properties, property{child.key, schemaOf(child)})
		}
	case brands:
		s.Type = orNull("array")
		s.Items = schemaOf(&member{kind: nested, object: m.object})
	case texts, words:
		s.Type = orNull("array")
		s.Items = &jsonSchema{Type: orNull("string"), Examples: m.field.Enum, MaxLength: MaxStringBytes}
	case flag:
		s.Type = orNull("boolean")
	case whole:
		s.Type = orNull("integer")
		s.Minimum, s.Maximum = "-9223372036854775808", "9223372036854775807"
	case real:
		s.Type = orNull("number")
	case dataBase64:
		s.Type = "null"
	default:
		stringSchema(s, m)
	}
	return s
}

// stringSchema describes a member that is a string. The words of a closed list are examples and not an enum: a word that
// we do not know is absent, not an error.
func stringSchema(s *jsonSchema, m *member) {
	s.Type, s.MaxLength = orNull("string"), MaxStringBytes
	switch m.kind {
	case specVersion:
		s.Type, s.MaxLength, s.Enum = nil, 0, []any{"1.0", nil}
	case mediaTypeOf:
		s.Pattern = `^[^;/]*/([jJ][sS][oO][nN]|[^;]+\+[jJ][sS][oO][nN])[ \t]*(;|$)`
	case eventTime:
		s.Type, s.Format = "string", "date-time"
	case moment:
		s.Format = "date-time"
	case address:
		s.AnyOf = []*jsonSchema{{Format: "ipv4"}, {Format: "ipv6"}}
	case text, word:
		s.Examples = m.field.Enum
		if m.field.Attribute {
			s.Type, s.MinLength = "string", 1
		}
	}
}

func orNull(name string) []string { return []string{name, "null"} }

// requirements says what each type requires, types with the same needs together.
func requirements() (all []*jsonSchema) {
	for need := needs(1); need < math.MaxUint8; need++ {
		var types []any
		for t, n := range required {
			if n == need {
				types = append(types, detector.EventTypes[t])
			}
		}
		if types != nil {
			all = append(all, &jsonSchema{
				If:   &jsonSchema{Required: []string{"type"}, Properties: properties{{"type", &jsonSchema{Enum: types}}}},
				Then: &jsonSchema{AllOf: demands(need)},
			})
		}
	}
	return all
}

func demands(need needs) (all []*jsonSchema) {
	present := &jsonSchema{Type: "string", MinLength: 1}
	session, user := having(present, "data", "session", "id"), having(present, "data", "user", "id")
	if need&needSession != 0 {
		all = append(all, session)
	}
	if need&needUser != 0 {
		all = append(all, user)
	}
	if need&needIP != 0 {
		all = append(all, having(present, "data", "client", "ip"))
	}
	if need&needUserOrSession != 0 {
		resume := &jsonSchema{AllOf: []*jsonSchema{
			having(&jsonSchema{Enum: []any{detector.EventTypes[detector.OperatorControl]}}, "type"),
			having(&jsonSchema{Enum: []any{detector.Controls[detector.ControlResumeBrake-1]}}, "data", "control", "do"),
		}}
		all = append(all, &jsonSchema{AnyOf: []*jsonSchema{user, session, resume}})
	}
	return all
}

// having demands that the value at a path is there and is as s says.
func having(s *jsonSchema, path ...string) *jsonSchema {
	for i := len(path) - 1; i >= 0; i-- {
		s = &jsonSchema{Type: "object", Required: path[i : i+1], Properties: properties{{path[i], s}}}
	}
	return s
}
