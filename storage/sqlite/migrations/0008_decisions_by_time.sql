CREATE INDEX IF NOT EXISTS session_decisions_by_time ON session_decisions (event_time)
