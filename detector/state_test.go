package detector

import (
	"bytes"
	"reflect"
	"testing"
)

// Snapshots are the records' bytes: padding would make equal states differ.
func TestRecordsHaveNoPadding(t *testing.T) {
	for _, r := range []reflect.Type{reflect.TypeFor[session](), reflect.TypeFor[trail](), reflect.TypeFor[risk](), reflect.TypeFor[user](), reflect.TypeFor[brakeState](), reflect.TypeFor[spending](),
		reflect.TypeFor[hands](), reflect.TypeFor[release](), reflect.TypeFor[family](), reflect.TypeFor[visitor](), reflect.TypeFor[truth](), reflect.TypeFor[egress](),
		reflect.TypeFor[past](), reflect.TypeFor[tally](), reflect.TypeFor[pairSet](), reflect.TypeFor[node](), reflect.TypeFor[probe](), reflect.TypeFor[knock](),
		reflect.TypeFor[textPart](), reflect.TypeFor[claim](), reflect.TypeFor[newcomer](), reflect.TypeFor[thieves](), reflect.TypeFor[way](), reflect.TypeFor[known]()} {
		if want := sizeOfLeaves(r); want != r.Size() {
			t.Errorf("%s has %d bytes of padding", r.Name(), r.Size()-want)
		}
		t.Logf("%s: %d bytes", r.Name(), r.Size())
	}
}

func sizeOfLeaves(t reflect.Type) (sum uintptr) {
	switch {
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			sum += sizeOfLeaves(t.Field(i).Type)
		}
		return sum
	case t.Kind() == reflect.Array:
		return uintptr(t.Len()) * sizeOfLeaves(t.Elem())
	}
	return t.Size()
}

// A snapshot whose records lie otherwise, with a field less and one more, is read field by field.
func TestSnapshotOfAnotherLayout(t *testing.T) {
	type oldSession struct {
		last  int64
		key   key
		gone  uint32
		first int64
	}
	var old slab[oldSession]
	old.at(old.take()).first = 11
	*old.at(old.take()) = oldSession{key: key{1, 2}, first: 22, last: 33, gone: 44}
	var wire bytes.Buffer
	from := sectionOf("sessions", &old)
	if err := from.write(&wire); err != nil {
		t.Fatal(err)
	}
	var now slab[session]
	if err := sectionOf("sessions", &now).fill(newChecked(&wire), from.describe()); err != nil {
		t.Fatal(err)
	}
	got := *now.at(2)
	if want := (session{key: key{1, 2}, first: 22, last: 33}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if now.at(1).first != 11 || now.used != 2 {
		t.Errorf("the first record came as %+v of %d", *now.at(1), now.used)
	}
}
