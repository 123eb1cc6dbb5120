CREATE INDEX IF NOT EXISTS session_events_by_user ON session_events (tenant, user_id, event_time)
