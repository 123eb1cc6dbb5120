package main

import (
	"errors"
	"fmt"
)

// The exit codes of contracts.md section 1.
const (
	codeWrong       = 1 // the thing checked is wrong
	codeUnusable    = 2 // wrong usage or unusable input
	codeUnreachable = 3 // a dependency could not be reached
)

// exit is an error that says with which code the program ends. A nil err ends it silently: everything was said already.
type exit struct {
	code int
	hint bool // "Try: ... --help" follows, for what a person typed wrong
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// wrong ends the program after a check whose findings were printed.
func wrong() error { return &exit{code: codeWrong} }

// misused reports what a person typed wrong.
func misused(format string, args ...any) error {
	return &exit{code: codeUnusable, hint: true, err: fmt.Errorf(format, args...)}
}

// unusable reports input that cannot be used.
func unusable(format string, args ...any) error {
	return &exit{code: codeUnusable, err: fmt.Errorf(format, args...)}
}

// unreachable reports a dependency that did not answer.
func unreachable(format string, args ...any) error {
	return &exit{code: codeUnreachable, err: fmt.Errorf(format, args...)}
}

// exitOf gives how the program ends on an error. An error without a code is of the command line's own library: wrong usage.
func exitOf(err error) *exit {
	var e *exit
	if errors.As(err, &e) {
		return e
	}
	return &exit{code: codeUnusable, hint: true, err: err}
}
