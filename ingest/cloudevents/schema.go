package cloudevents

import (
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// kind is how a member's value is read.
type kind uint8

const (
	nested      kind = iota // an object of the schema
	eventTime               // time
	specVersion             // specversion
	mediaTypeOf             // datacontenttype
	dataBase64              // data_base64, which is refused
	brands                  // client.hints.brands
	brandName
	brandVersion
	text // and the rest: the accessors of detector.EventField
	word
	moment
	address
	flag
	whole
	real
	texts
	words
)

func (k kind) isText() bool { return k.token() == '"' && k != dataBase64 }

// token is the first byte of the JSON value that a kind takes; 't' and '0' stand for true or false and for a number.
func (k kind) token() byte {
	switch k {
	case nested:
		return '{'
	case brands, texts, words:
		return '['
	case flag:
		return 't'
	case whole, real:
		return '0'
	}
	return '"'
}

// want names the JSON type that a kind takes.
func (k kind) want() string {
	return map[byte]string{'{': "an object", '[': "an array", 't': "true or false", '0': "a number", '"': "a string"}[k.token()]
}

// object is a JSON object of the schema. It is built once and then only read.
type object struct {
	path    string // "" of the event itself
	depth   int    // of nesting; the event is 1
	members []*member
	slots   []*member // open-addressing hash table, at most a quarter full
}

// member is a known key of an object.
type member struct {
	key    string
	head   uint64 // headOf(key)
	lead   string // `,"key":`, as it stands before the value in what is written
	path   string // with "data.", as rejections name it
	bit    uint64 // in the set of keys that an object had
	kind   kind
	token  byte
	depth  int                  // of the enclosing object
	object *object              // of nested; of brands: each element
	field  *detector.EventField // of the kinds from text on

	// refuses: a value of another JSON type costs the event, which cannot be without this member, or not be trusted (a
	// specversion that is no text). Of every other member such a value is dropped.
	refuses bool
}

// root and data are the tree of the schema: immutable, made from detector.EventFields.
var root, data = compile(detector.EventFields)

func compile(fields []detector.EventField) (root, data *object) {
	root = &object{depth: 1}
	data = root.child("data")
	for i := range fields {
		f := &fields[i]
		o := data
		if f.Attribute {
			o = root
		}
		names := strings.Split(f.Name, ".")
		for _, name := range names[:len(names)-1] {
			o = o.child(name)
		}
		o.add(names[len(names)-1], kindOf(f)).field = f
	}
	root.add("time", eventTime)
	root.add("specversion", specVersion)
	root.add("datacontenttype", mediaTypeOf)
	root.add("data_base64", dataBase64)
	hints := data.child("client").child("hints")
	list := hints.add("brands", brands)
	list.object = &object{path: list.path + "[]", depth: hints.depth + 2}
	list.object.add("brand", brandName)
	list.object.add("version", brandVersion)
	for _, m := range root.members {
		m.refuses = m.kind != mediaTypeOf
	}
	root.index()
	return root, data
}

// kindOf tells a field's kind by the accessor that it has.
func kindOf(f *detector.EventField) kind {
	switch {
	case f.Word != nil:
		return word
	case f.Flag != nil:
		return flag
	case f.Whole != nil:
		return whole
	case f.Real != nil:
		return real
	case f.Moment != nil:
		return moment
	case f.IP != nil:
		return address
	case f.Texts != nil:
		return texts
	case f.Set != nil:
		return words
	}
	return text
}

// child finds or adds the object under a key.
func (o *object) child(key string) *object {
	for _, m := range o.members {
		if m.key == key {
			return m.object
		}
	}
	m := o.add(key, nested)
	m.object = &object{path: m.path, depth: o.depth + 1}
	return m.object
}

func (o *object) add(key string, k kind) *member {
	path := key
	if o.path != "" {
		path = o.path + "." + key
	}
	m := &member{key: key, head: headOf(key), lead: string(append(detector.AppendString([]byte{','}, key), ':')), path: path, bit: 1 << len(o.members), kind: k, token: k.token(), depth: o.depth}
	if m.bit == 0 {
		panic("cloudevents: an object of the schema has more than 64 keys")
	}
	o.members = append(o.members, m)
	return m
}

// index builds the hash tables of o and what is below it.
func (o *object) index() {
	size := 8
	for size < 4*len(o.members) {
		size *= 2
	}
	o.slots = make([]*member, size)
	for _, m := range o.members {
		i := o.slot(m.head, len(m.key))
		for o.slots[i] != nil {
			i = (i + 1) & (size - 1)
		}
		o.slots[i] = m
		if m.object != nil {
			m.object.index()
		}
	}
}

// slot hashes a key by its head and its length. Keys that meet in a slot are probed.
func (o *object) slot(head uint64, n int) int {
	return int((head+uint64(n))*0x9e3779b97f4a7c15>>40) & (len(o.slots) - 1)
}

// member finds a key, whose head is given: mostly one comparison of two words. nil: unknown.
func (o *object) member(name string, head uint64) *member {
	for i := o.slot(head, len(name)); ; i++ {
		m := o.slots[i&(len(o.slots)-1)]
		if m == nil || m.head == head && len(m.key) == len(name) && (len(name) <= 8 || m.key == name) {
			return m
		}
	}
}

// headOf is the first eight bytes of a key as a little-endian number; a shorter key is filled up with zeros.
func headOf(key string) (head uint64) {
	for i := range min(len(key), 8) {
		head |= uint64(key[i]) << (8 * i)
	}
	return head
}

// name names an object in a rejection.
func (o *object) name() string {
	if o.path == "" {
		return wholeEvent
	}
	return o.path
}
