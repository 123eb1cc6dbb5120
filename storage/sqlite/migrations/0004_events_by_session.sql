CREATE INDEX IF NOT EXISTS session_events_by_session ON session_events (session, event_time) WHERE session <> ''
