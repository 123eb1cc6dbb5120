package rules

// Severity of a Problem.
type Severity uint8

// Error makes a file unusable; Warning does not.
const (
	Error Severity = iota
	Warning
)

// Problem is something that a rules author should mend. Every message speaks the words of the file.
type Problem struct {
	Position
	Severity   Severity
	Code       string // R101...
	Message    string
	Suggestion string // what to write instead, "" where nothing is near
}
