CREATE TABLE IF NOT EXISTS session_decisions (
  topic          TEXT NOT NULL,
  partition      INTEGER NOT NULL,
  offset         INTEGER NOT NULL,
  record_time    INTEGER NOT NULL, -- this and event_time: Unix ms
  id             TEXT NOT NULL,
  event_time     INTEGER NOT NULL,
  tenant         TEXT NOT NULL,
  user_id        TEXT NOT NULL,
  session        TEXT NOT NULL,
  event_id       TEXT NOT NULL,
  event_source   TEXT NOT NULL,
  action         TEXT NOT NULL,
  mode           TEXT NOT NULL,
  would          TEXT NOT NULL,
  score          INTEGER NOT NULL,
  previous_score INTEGER NOT NULL,
  rules          TEXT NOT NULL, -- a JSON array of ids
  command        TEXT NOT NULL,
  retracts       TEXT NOT NULL,
  ruleset        TEXT NOT NULL,
  revision       TEXT NOT NULL,
  geo_build      TEXT NOT NULL,
  rejected       TEXT NOT NULL,
  raw            TEXT NOT NULL,
  PRIMARY KEY (topic, partition, offset)
) WITHOUT ROWID
