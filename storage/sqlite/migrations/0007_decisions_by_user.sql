CREATE INDEX IF NOT EXISTS session_decisions_by_user ON session_decisions (tenant, user_id, event_time)
