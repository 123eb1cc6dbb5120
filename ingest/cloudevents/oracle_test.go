package cloudevents_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// judgement is what the documentation says about a value in bare JSON, found with encoding/json and without the decoder's
// tree, tables or scanner. Reasons is the set of all that is wrong; empty: it is an event, and event is it.
type judgement struct {
	reasons map[string]bool
	dropped map[string]bool // paths of optional fields with a wrong type or a number that does not fit
	event   detector.Event
	timed   bool
}

func judge(value []byte) *judgement {
	j := &judgement{reasons: map[string]bool{}, dropped: map[string]bool{}}
	j.says(len(value) == 0, cloudevents.NoValue)
	j.says(len(value) > cloudevents.MaxEventBytes, cloudevents.OverLimit)
	j.says(!utf8.Valid(value) || loneSurrogate(value), cloudevents.InvalidUTF8)
	if !json.Valid(value) {
		j.reasons[cloudevents.NotJSON] = true
		return j
	}
	tokens := json.NewDecoder(bytes.NewReader(value))
	tokens.UseNumber()
	top, ok := j.tree(tokens, 0).(map[string]any)
	j.says(!ok, cloudevents.WrongType)
	j.fields(top)
	j.attributes(top)
	j.required()
	return j
}

func (j *judgement) says(wrong bool, reason string) {
	if wrong {
		j.reasons[reason] = true
	}
}

// tree reads the next value. encoding/json reads a duplicate key without a word, so this goes token by token.
func (j *judgement) tree(tokens *json.Decoder, depth int) any {
	token, err := tokens.Token()
	if err != nil {
		panic(err) // the text was valid
	}
	switch token {
	case json.Delim('['):
		j.says(depth == cloudevents.MaxDepth, cloudevents.OverLimit)
		list := []any{}
		for tokens.More() {
			list = append(list, j.tree(tokens, depth+1))
		}
		_, _ = tokens.Token()
		return list
	case json.Delim('{'):
		j.says(depth == cloudevents.MaxDepth, cloudevents.OverLimit)
		object := map[string]any{}
		for tokens.More() {
			key := j.tree(tokens, depth+1).(string)
			_, twice := object[key]
			j.says(twice, cloudevents.DuplicateKey)
			object[key] = j.tree(tokens, depth+1)
		}
		_, _ = tokens.Token()
		return object
	}
	s, _ := token.(string)
	j.says(len(s) > cloudevents.MaxStringBytes, cloudevents.OverLimit)
	return token
}

var escapes = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)

func loneSurrogate(value []byte) bool {
	high := -1 // where a low half must stand
	for _, at := range escapes.FindAllIndex(value, -1) {
		code := strings.ToLower(string(value[at[0]:at[1]]))
		low := code >= `\udc00` && code <= `\udfff`
		if high >= 0 && (at[0] != high || !low) || high < 0 && low {
			return true
		}
		high = -1
		if code >= `\ud800` && code <= `\udbff` {
			high = at[1]
		}
	}
	return high >= 0
}

// find gives what stands at a path; nil: absent, also in an object that is none.
func (j *judgement) find(top map[string]any, path ...string) any {
	var v any = top
	for i, name := range path {
		v = as[map[string]any](j, strings.Join(path[:i], "."), v)[name]
	}
	return v
}

func (j *judgement) fields(top map[string]any) {
	for i := range detector.EventFields {
		f := &detector.EventFields[i]
		path := strings.Split(f.Name, ".")
		if !f.Attribute {
			path = append([]string{"data"}, path...)
		}
		if v := j.find(top, path...); v != nil {
			j.field(f, strings.Join(path, "."), v)
		}
	}
	const brands = "data.client.hints.brands"
	for _, element := range as[[]any](j, brands, j.find(top, "data", "client", "hints", "brands")) {
		if object := as[map[string]any](j, brands, element); object != nil {
			j.event.Client.Brands = append(j.event.Client.Brands, detector.Brand{
				Brand: as[string](j, brands+"[].brand", object["brand"]), Version: as[string](j, brands+"[].version", object["version"])})
		}
	}
}

// indispensable are the members that cost the event when their type is wrong.
var indispensable = []string{"data", "id", "source", "type", "time", "specversion"}

// as is v, which stands at path, as a T; absent or of a wrong type it is the zero T.
func as[T any](j *judgement, path string, v any) T {
	t, ok := v.(T)
	if !ok && v != nil {
		j.drop(path)
	}
	return t
}

func (j *judgement) drop(path string) {
	if slices.Contains(indispensable, path) {
		j.reasons[cloudevents.WrongType] = true
		return
	}
	j.dropped[path] = true
}

func (j *judgement) field(f *detector.EventField, path string, v any) {
	e := &j.event
	s, isText := v.(string)
	if single := f.Texts == nil && f.Set == nil && f.Flag == nil && f.Whole == nil && f.Real == nil; single && !isText {
		j.drop(path)
		return
	}
	switch {
	case f.Text != nil:
		*f.Text(e) = s
	case f.Word != nil:
		*f.Word(e) = detector.Enum(slices.Index(f.Enum, s) + 1)
	case f.Flag != nil:
		if yes, ok := v.(bool); ok {
			*f.Flag(e) = map[bool]detector.Flag{false: detector.False, true: detector.True}[yes]
		} else {
			j.drop(path)
		}
	case f.Whole != nil:
		var n int64
		if err := json.Unmarshal([]byte(as[json.Number](j, path, v)), &n); err != nil {
			j.drop(path)
			return
		}
		*f.Whole(e) = detector.Whole{V: n, Set: true}
	case f.Real != nil:
		n, err := strconv.ParseFloat(string(as[json.Number](j, path, v)), 64)
		if err != nil {
			j.drop(path)
			return
		}
		*f.Real(e) = detector.Real{V: n, Set: true}
	case f.Moment != nil:
		*f.Moment(e) = detector.Moment{MS: j.moment(s), Set: true}
	case f.IP != nil:
		ip, err := netip.ParseAddr(s)
		j.says(err != nil || ip.Zone() != "", cloudevents.BadIP)
		*f.IP(e) = ip.Unmap()
	case f.Texts != nil:
		for _, element := range as[[]any](j, path, v) {
			if s, ok := element.(string); ok {
				*f.Texts(e) = append(*f.Texts(e), s)
			}
			_ = as[string](j, path, element)
		}
	case f.Set != nil:
		for _, element := range as[[]any](j, path, v) {
			if n := slices.Index(f.Enum, as[string](j, path, element)); n >= 0 {
				*f.Set(e) |= 1 << n
			}
		}
	}
}

var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// moment reads a time with package time, which knows no leap second and no lower case.
func (j *judgement) moment(s string) int64 {
	s = strings.ToUpper(s)
	leap := len(s) > 19 && s[16:19] == ":60"
	if leap {
		s = s[:16] + ":59" + s[19:]
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	at = at.UTC()
	if leap {
		j.says(at.Hour() != 23 || at.Minute() != 59, cloudevents.BadTime)
		at = at.Add(time.Second)
	}
	j.says(err != nil || !rfc3339.MatchString(s), cloudevents.BadTime)
	return at.UnixMilli()
}

func (j *judgement) attributes(top map[string]any) {
	if v := j.find(top, "time"); v != nil {
		j.event.TimeMS, j.timed = j.moment(as[string](j, "time", v)), true
	}
	j.event.Type = detector.EventType(max(0, slices.Index(detector.EventTypes[:], j.event.TypeName)))
	version := j.find(top, "specversion")
	j.says(version != nil && as[string](j, "specversion", version) != "1.0", cloudevents.Unsupported)
	j.says(j.find(top, "data_base64") != nil, cloudevents.Unsupported)
	content := j.find(top, "datacontenttype")
	text := as[string](j, "datacontenttype", content)
	if content == text {
		media, _, _ := strings.Cut(strings.ToLower(text), ";")
		media = strings.TrimRight(media, " \t")
		slash := strings.Index(media, "/")
		suffix := strings.HasSuffix(media, "+json") && len(media)-slash > len("/+json")
		j.says(slash < 0 || media[slash:] != "/json" && !suffix, cloudevents.Unsupported)
	}
}

// required is the second section of the contract, sentence by sentence.
func (j *judgement) required() {
	e := &j.event
	j.says(e.ID == "" || e.Source == "" || e.TypeName == "" || !j.timed, cloudevents.MissingField)
	if e.Type == detector.UnknownType || e.Type == detector.Tick {
		return
	}
	area, _, _ := strings.Cut(e.TypeName, ".")
	session := area == "session" && e.Type != detector.SessionUnknownID || area == "action"
	address := area == "auth" || area == "action" || slices.Contains([]detector.EventType{detector.SessionCreated, detector.SessionPresented,
		detector.SessionRenewed, detector.SessionUnknownID, detector.TokenRefreshed}, e.Type)
	user := e.Type == detector.PlaceObserved || e.Type == detector.AccountDisabled
	other := !session && !address && !user && !(e.Type == detector.OperatorControl && e.Control.Do == detector.ControlResumeBrake)
	j.missing(session && e.Session.ID == "", "data.session", "data.session.id")
	j.missing(address && !e.Client.IP.IsValid(), "data.client", "data.client.ip")
	j.missing(user && e.User.ID == "", "data.user", "data.user.id")
	j.missing(other && e.Session.ID == "" && e.User.ID == "", "data.session", "data.session.id", "data.user", "data.user.id")
}

// missing: a required field that is not there has the wrong type if it, or its object, was dropped.
func (j *judgement) missing(wrong bool, paths ...string) {
	reason := cloudevents.MissingField
	if slices.ContainsFunc(paths, func(path string) bool { return j.dropped[path] }) {
		reason = cloudevents.WrongType
	}
	j.says(wrong, reason)
}
