package cloudevents

import (
	"cmp"
	"slices"
)

// skip reads the value of an unknown key: by the same rules, but keeps nothing. depth is that of the enclosing object.
func (d *Decoder) skip(i, depth int) int {
	switch c := d.at(i); c {
	case '"':
		_, i = d.quoted(i + 1)
		return i
	case '{', '[':
		if depth == MaxDepth {
			return d.refuse(OverLimit, "objects and arrays are nested deeper than %d, at byte offset %d", MaxDepth, i)
		}
		if c == '{' {
			return d.skipObject(i+1, depth+1)
		}
		return d.skipArray(i+1, depth+1)
	case 't':
		return d.literal(i, "true")
	case 'f':
		return d.literal(i, "false")
	case 'n':
		return d.literal(i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		i, _ = d.digits(i)
		return i
	}
	return d.notJSON(i, "a value was expected")
}

func (d *Decoder) skipObject(i, depth int) int {
	i = d.space(i)
	if d.at(i) == '}' {
		return i + 1
	}
	opened := len(d.keys)
	for {
		name, _, next := d.key(i)
		if next == refused {
			return refused
		}
		d.keys = append(d.keys, key{name, i})
		if i = d.skip(next, depth); i == refused {
			return refused
		}
		i = d.space(i)
		switch d.at(i) {
		case ',':
			i = d.space(i + 1)
		case '}':
			return d.closeKeys(opened, i+1)
		default:
			return d.notJSON(i, "a comma or a closing brace was expected")
		}
	}
}

func (d *Decoder) skipArray(i, depth int) int {
	i = d.space(i)
	if d.at(i) == ']' {
		return i + 1
	}
	for {
		if i = d.skip(i, depth); i == refused {
			return refused
		}
		i = d.space(i)
		switch d.at(i) {
		case ',':
			i = d.space(i + 1)
		case ']':
			return i + 1
		default:
			return d.notJSON(i, "a comma or a closing bracket was expected")
		}
	}
}

// key is an unknown key of an object that is open, and its position.
type key struct {
	name string
	at   int
}

// fewKeys are compared each with each; more are sorted, so that a message of nothing but keys costs n log n.
const fewKeys = 12

// closeKeys ends an object: it looks for duplicates among its unknown keys, which it forgets, and passes on next.
func (d *Decoder) closeKeys(opened, next int) int {
	keys := d.keys[opened:]
	d.keys = d.keys[:opened]
	if len(keys) < 2 {
		return next
	}
	if len(keys) <= fewKeys {
		for i := range keys {
			for j := range i {
				if keys[i].name == keys[j].name {
					return d.twice(keys[i])
				}
			}
		}
		return next
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.name, b.name), a.at-b.at) })
	for i := 1; i < len(keys); i++ {
		if keys[i].name == keys[i-1].name {
			return d.twice(keys[i])
		}
	}
	return next
}

func (d *Decoder) twice(k key) int {
	return d.refuse(DuplicateKey, "a key comes twice in its object, at byte offset %d", k.at)
}
