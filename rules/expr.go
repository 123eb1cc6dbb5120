package rules

import (
	"errors"
	"fmt"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// This file alone knows expr-lang/expr. Its parser gives us a grammar that analysts read and a position for every node;
// what we do not compile ourselves is refused here, so that a change of expr cannot change what a rule means.

// termKind is a kind of node of a condition.
type termKind uint8

const (
	termName termKind = iota // client.geo.asn
	termText
	termWhole
	termReal
	termBool
	termDuration // duration("10m"): whole is milliseconds
	termList     // ["a", "b"]
	termUnary
	termBinary
)

// term is a node of a condition. Offsets count characters from the start of the condition.
type term struct {
	kind  termKind
	at    int // where a caret points
	op    string
	text  string
	whole int64
	real  float64
	kids  []*term
}

// exprError is a refusal with its place.
type exprError struct {
	at            int
	code          string
	message, hint string
}

func (e *exprError) Error() string { return e.message }

// maxTerms is the cap of a condition's size: there are no loops, so its cost is its size.
const maxTerms = 200

// parseCondition reads a condition and refuses what is outside the rule language.
func parseCondition(text string) (*term, error) {
	if len(text) > maxConditionRune {
		return nil, &exprError{code: codeOutside, message: "the condition is too long", hint: "put long lists under lists:"}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, inPlainWords(text, err)
	}
	r := reader{}
	t := r.read(tree.Node)
	if r.err != nil {
		return nil, r.err
	}
	return t, nil
}

// reader turns expr's tree into ours. It stops at the first refusal.
type reader struct {
	count int
	err   *exprError
}

func (r *reader) refuse(n ast.Node, hint, format string, args ...any) *term {
	if r.err == nil {
		r.err = &exprError{n.Location().From, codeOutside, fmt.Sprintf(format, args...), hint}
	}
	return &term{}
}

func (r *reader) read(n ast.Node) *term {
	if r.count++; r.count > maxTerms {
		return r.refuse(n, "split it into two rules, or put long lists under lists:", "the condition has more than %d parts", maxTerms)
	}
	if r.err != nil {
		return &term{}
	}
	at := n.Location().From
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return &term{kind: termName, at: at, text: n.Value}
	case *ast.MemberNode:
		return r.member(n)
	case *ast.StringNode:
		return &term{kind: termText, at: at, text: n.Value}
	case *ast.IntegerNode:
		return &term{kind: termWhole, at: at, whole: int64(n.Value)}
	case *ast.FloatNode:
		return &term{kind: termReal, at: at, real: n.Value}
	case *ast.BoolNode:
		return &term{kind: termBool, at: at, whole: map[bool]int64{true: 1}[n.Value]}
	case *ast.ArrayNode:
		return &term{kind: termList, at: at, kids: r.all(n.Nodes)}
	case *ast.UnaryNode:
		return r.unary(n)
	case *ast.BinaryNode:
		return r.binary(n)
	}
	return r.outside(n)
}

func (r *reader) all(nodes []ast.Node) []*term {
	list := make([]*term, 0, len(nodes))
	for _, n := range nodes {
		list = append(list, r.read(n))
	}
	return list
}

func (r *reader) member(n *ast.MemberNode) *term {
	property, ok := n.Property.(*ast.StringNode)
	if !ok || n.Optional || n.Method {
		return r.refuse(n, "", "indexing is outside the rule language")
	}
	r.count-- // a dotted name is one part
	owner := r.read(n.Node)
	if owner.kind != termName {
		return r.refuse(n, "", "only a field has parts")
	}
	owner.text += "." + property.Value
	return owner
}

func (r *reader) unary(n *ast.UnaryNode) *term {
	op := n.Operator
	if op == "!" {
		op = "not"
	}
	t := &term{kind: termUnary, at: n.Location().From, op: op, kids: []*term{r.read(n.Node)}}
	kid := t.kids[0]
	switch {
	case op == "-" && kid.kind == termWhole:
		return &term{kind: termWhole, at: t.at, whole: -kid.whole}
	case op == "-" && kid.kind == termReal:
		return &term{kind: termReal, at: t.at, real: -kid.real}
	case op == "+":
		return r.refuse(n, "", "a sign + is outside the rule language")
	}
	return t
}

var operators = map[string]string{"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in", "and": "and", "&&": "and", "or": "or", "||": "or",
	"+": "+", "-": "-", "*": "*", "contains": "contains", "startsWith": "startsWith", "endsWith": "endsWith", "matches": "matches"}

func (r *reader) binary(n *ast.BinaryNode) *term {
	op, ok := operators[n.Operator]
	if !ok {
		return r.refuse(n, map[string]string{"/": "multiply the other side instead"}[n.Operator], "%s is outside the rule language", n.Operator)
	}
	return &term{kind: termBinary, at: n.Location().From, op: op, kids: []*term{r.read(n.Left), r.read(n.Right)}}
}

// outside refuses the rest of expr's language by the name that an author knows it by. duration("10m") is the one function.
func (r *reader) outside(n ast.Node) *term {
	switch n := n.(type) {
	case *ast.BuiltinNode:
		if n.Name == "duration" {
			return r.duration(n)
		}
		hint := ""
		if n.Name == "now" {
			hint = "the only time is the event's: compare an age with duration(\"10m\")"
		}
		return r.refuse(n, hint, "%s() is outside the rule language", n.Name)
	case *ast.CallNode:
		name := "a function"
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			name = id.Value + "()"
		}
		return r.refuse(n.Callee, "the one function is duration(\"10m\")", "%s is outside the rule language", name)
	case *ast.ConditionalNode:
		return r.refuse(n.Cond, "write it with and, or, not", "if and ? : are outside the rule language")
	case *ast.VariableDeclaratorNode:
		return r.refuse(n, "", "let is outside the rule language")
	case *ast.SequenceNode:
		return r.refuse(n, "join conditions with and, or", "a condition is one expression")
	case *ast.NilNode:
		return r.refuse(n, absentHint, "nil is outside the rule language")
	}
	return r.refuse(n, "", "this is outside the rule language")
}

func (r *reader) duration(n *ast.BuiltinNode) *term {
	text := (*ast.StringNode)(nil)
	if len(n.Arguments) == 1 {
		text, _ = n.Arguments[0].(*ast.StringNode)
	}
	if text == nil {
		return r.refuse(n, "write duration(\"10m\")", "duration() takes one text")
	}
	ms, err := parseDuration(text.Value)
	if err != nil {
		r.refuse(text, "write it as 90s, 10m, 1h30m or 2d", "%q %s", text.Value, durationFault(err))
		r.err.code = codeForm
	}
	return &term{kind: termDuration, at: n.Location().From, whole: ms, text: text.Value}
}

func durationFault(err error) string {
	if errors.Is(err, errNoUnit) {
		return "is a duration and needs a unit"
	}
	return "is not a duration"
}
