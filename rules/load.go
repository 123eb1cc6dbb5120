package rules

import "time"

// Options are what loading depends on beside the files.
type Options struct {
	Today     time.Time // for warnings about dates; the zero value: none are given
	NeedTests bool      // an enforced rule without a firing and a silent test is an error (check, test); else a warning (run)
}

// Load compiles rules files as one set. The Set is nil when a Problem is an Error. All problems are given, in the order of
// files, lines and columns.
func Load(files []Source, lang *Language, opt Options) (*Set, []Problem) { panic("not built") }
