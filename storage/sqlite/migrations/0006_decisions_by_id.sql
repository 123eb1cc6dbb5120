CREATE INDEX IF NOT EXISTS session_decisions_by_id ON session_decisions (id)
