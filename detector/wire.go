package detector

// AppendDecision appends a decision's JSON as contracts.md section 3 has it, without a newline. mask, if not nil, gives the
// pseudonym that stands for a session id (the archive and the console never hold the raw one).
func AppendDecision(dst []byte, d *Decision, mask func(tenant, sessionID string) string) []byte {
	panic("not built")
}

// AppendCommand appends a command as a structured-mode CloudEvent (contracts.md section 4).
func AppendCommand(dst []byte, c *Command) []byte { panic("not built") }
