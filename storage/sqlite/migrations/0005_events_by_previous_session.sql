CREATE INDEX IF NOT EXISTS session_events_by_previous_session ON session_events (previous_session) WHERE previous_session <> ''
