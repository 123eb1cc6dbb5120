package rules

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a YAML node with the file in which it stands.
type node struct {
	*yaml.Node
	in *document
}

// document is one parsed file.
type document struct {
	Source
	lines []string // filled when a position inside a text is asked for
	runes []rune   // of the line that was looked at last: a file may be one line of ten megabytes
	at    int      // its number, from 1
}

func (d *document) has(line int) bool {
	d.split()
	return line >= 1 && line <= len(d.lines)
}

// row gives the characters of a line, by its index.
func (d *document) row(line int) []rune {
	if d.split(); d.at != line+1 {
		d.runes, d.at = []rune(d.lines[line]), line+1
	}
	return d.runes
}

func (n node) position() Position { return Position{n.in.Name, max(n.Line, 1), max(n.Column, 1)} }

// child gives a node below, an alias followed.
func (n node) child(c *yaml.Node) node {
	for c.Kind == yaml.AliasNode {
		c = c.Alias
	}
	return node{c, n.in}
}

func (n node) isNull() bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// parse reads the one document of a file and refuses what would make the rest of loading unbounded.
func (l *loader) parse(src Source) (node, bool) {
	doc := &document{Source: src}
	dec := yaml.NewDecoder(strings.NewReader(string(src.Text)))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		l.syntax(doc, err)
		return node{}, false
	}
	n := node{&root, doc}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 || n.child(root.Content[0]).isNull() {
		l.syntax(doc, errEmpty)
		return node{}, false
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		l.fail(node{&second, doc}, codeSyntax, "one file holds one document: put the rest in a file of its own", "a second YAML document begins here")
	}
	if at := growth(&root); at != nil {
		l.fail(node{at, doc}, codeSyntax, "write the value out", "aliases (*) repeat more than a rules file may hold")
		return node{}, false
	}
	return n.child(root.Content[0]), true
}

// maxAliased bounds what aliases may add to a file: a shared baseline is welcome, a billion laughs are not.
const maxAliased = 100_000

// growth gives the alias at which a document grows beyond maxAliased nodes or contains itself; nil: none.
func growth(root *yaml.Node) *yaml.Node {
	sizes := map[*yaml.Node]int{} // of anchored nodes; 0 while it is being counted
	added := 0
	var bad *yaml.Node
	var size func(n *yaml.Node) int
	size = func(n *yaml.Node) int {
		if bad != nil {
			return 0
		}
		if n.Anchor != "" {
			sizes[n] = 0
		}
		sum := 1
		for _, c := range n.Content {
			sum += size(c)
		}
		if n.Kind == yaml.AliasNode {
			sum = sizes[n.Alias]
			if added += sum; sum == 0 || added > maxAliased {
				bad = n
			}
		}
		if n.Anchor != "" {
			sizes[n] = sum
		}
		return sum
	}
	size(root)
	return bad
}

func (d *document) split() {
	if d.lines == nil {
		d.lines = splitLines(d.Text)
	}
}

// object is a mapping whose keys have been checked.
type object struct {
	node
	what   string // "a rule": how messages speak of it
	values map[string]node
	keys   map[string]node
	meant  map[string]bool // keys that a misspelt one most likely stands for: they are not missing
}

// object reads a mapping of known keys. Unknown and repeated keys are reported and left out.
func (l *loader) object(n node, what string, known ...string) (object, bool) {
	return l.objectOf(n, what, "key", known)
}

// objectOf is object where the keys have a name of their own: the parameters of a detector.
func (l *loader) objectOf(n node, what, noun string, known []string) (object, bool) {
	o := object{node: n, what: what, values: map[string]node{}, keys: map[string]node{}, meant: map[string]bool{}}
	if n.Kind != yaml.MappingNode {
		l.fail(n, codeForm, forms[what], "%s is written as key: value pairs", what)
		return o, false
	}
	l.pairs(n, func(key string, k, v node) {
		if !contains(known, key) {
			near, _ := nearest(key, known)
			o.meant[near] = true
			l.fail(k, codeUnknownKey, keyHint(key, known), "%s has no %s %q", what, noun, cut(key))
			return
		}
		o.keys[key], o.values[key] = k, v
	})
	return o, true
}

// pairs walks a mapping in the order of the file. A repeated key is reported and left out.
func (l *loader) pairs(n node, each func(key string, k, v node)) {
	first := make(map[string]node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.child(n.Content[i]), n.child(n.Content[i+1])
		if k.Kind != yaml.ScalarNode {
			l.fail(k, codeSyntax, "", "a key is one word")
			continue
		}
		if at, twice := first[k.Value]; twice {
			l.fail(k, codeSyntax, fmt.Sprintf("first used at %s", at.position()), "the key %q stands here twice", k.Value)
			continue
		}
		first[k.Value] = k
		each(k.Value, k, v)
	}
}

// get gives the value of a key; a key without a value counts as absent and is reported.
func (l *loader) get(o object, key string) (node, bool) {
	v, ok := o.values[key]
	if ok && v.isNull() {
		l.fail(o.keys[key], codeForm, "give it a value or remove the key", "%s is empty", key)
		return v, false
	}
	return v, ok
}

// must is get, and reports an absent key.
func (l *loader) must(o object, key, hint string) (node, bool) {
	if _, ok := o.values[key]; !ok && o.meant[key] {
		return node{}, false
	} else if !ok {
		l.fail(o.node, codeMissing, hint, "%s needs %s", o.what, key)
		return node{}, false
	}
	return l.get(o, key)
}

// items gives the entries of a list.
func (l *loader) items(n node, what string) []node {
	if n.Kind != yaml.SequenceNode {
		l.fail(n, codeForm, listForm(n, what), "%s is a list", what)
		return nil
	}
	list := make([]node, 0, len(n.Content))
	for _, c := range n.Content {
		list = append(list, n.child(c))
	}
	return list
}
