package rules

// The codes of problems. They are stable: pages, baselines and suppressions refer to them.
const (
	codeSyntax       = "R101"
	codeUnknownKey   = "R102"
	codeUnknownName  = "R103"
	codeType         = "R104"
	codeOutside      = "R105"
	codeWord         = "R106"
	codeConstant     = "R107"
	codeUnused       = "R108"
	codeException    = "R109"
	codeDuplicate    = "R110"
	codeUntested     = "R111"
	codeLadder       = "R112"
	codeScore        = "R113"
	codeInsane       = "R114"
	codePattern      = "R115"
	codeForm         = "R117"
	codeMissing      = "R118"
	codeUnreadable   = "R119"
	maxProblems      = 10_000 // of one run; after that a file has another problem than its rules
	maxConditionRune = 16 << 10
)

// Code describes one kind of problem, for the reference page and for `explain R104`.
type Code struct {
	Code, Finds, Mend string
}

// Codes lists every kind of problem that Load can report.
func Codes() []Code {
	return []Code{
		{codeSyntax, "YAML that cannot be read: its syntax, a duplicate key, a second document, an empty file, aliases that grow", "Write one YAML document with each key once."},
		{codeUnknownKey, "a key, parameter or field of a test that does not exist", "Use the suggested key; a misspelt key would otherwise be a rule that silently does less."},
		{codeUnknownName, "a field, list, segment or detector that does not exist", "Use the suggested name, or define the list or segment."},
		{codeType, "two sides of a comparison that cannot be compared, or a list of another type", "Compare a field with a value or a list of its own type."},
		{codeOutside, "what is outside the rule language: division, now(), loops, a pattern that is not literal", "Write it with comparisons, in, and, or, not."},
		{codeWord, "a word that its key or field never holds", "Use one of the words listed."},
		{codeConstant, "a condition that is always true or can never be", "Mend the bounds, or remove the condition."},
		{codeUnused, "a list or segment that nothing uses, or a list whose review is due", "Remove it, or review it and set a new review_by."},
		{codeException, "an exception without an end, an owner or a reason, or one that has expired or soon will", "Every exception says why, who answers for it and when it ends."},
		{codeDuplicate, "a name that is used twice", "Give each rule, list, segment and exception a name of its own."},
		{codeUntested, "an enforced rule without a firing and a silent test, or a test that cannot fail", "Add one test in which the rule fires and one in which it stays silent."},
		{codeLadder, "a rung that the enforced rules cannot reach, or rungs out of order", "Lower the rung, or enforce rules that reach it."},
		{codeScore, "a single rule whose score alone passes the revoke rung without being a proof", "Lower the score, or mark a true proof with proof: true."},
		{codeInsane, "a parameter outside its sane range", "Use a value inside the range, or be sure that you know why not."},
		{codePattern, "a pattern that is expensive or matches in the middle of a text by surprise", "Anchor the pattern with ^ and $, and do not nest repetitions."},
		{codeForm, "a value of the wrong form: a duration without its unit, a negative score, an address with host bits", "Write the value as the message shows."},
		{codeMissing, "a key that must be given", "Add the key."},
		{codeUnreadable, "a file that a list names and that cannot be read", "Mend the path; it is relative to the rules file."},
	}
}
