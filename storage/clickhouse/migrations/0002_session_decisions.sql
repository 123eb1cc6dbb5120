CREATE TABLE IF NOT EXISTS session_decisions (
  topic          LowCardinality(String),
  partition      Int32,
  offset         Int64 CODEC(Delta, ZSTD(1)),
  record_time    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  archived_at    DateTime DEFAULT now() CODEC(Delta, ZSTD(1)),
  id             String CODEC(ZSTD(1)),
  event_time     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  tenant         LowCardinality(String),
  user_id        String CODEC(ZSTD(1)),
  session        String CODEC(ZSTD(1)),
  event_id       String CODEC(ZSTD(1)),
  event_source   LowCardinality(String),
  action         LowCardinality(String),
  mode           LowCardinality(String),
  would          LowCardinality(String),
  score          Int32 CODEC(ZSTD(1)),
  previous_score Int32 CODEC(ZSTD(1)),
  rules          Array(String) CODEC(ZSTD(1)),
  command        LowCardinality(String),
  retracts       String CODEC(ZSTD(1)),
  ruleset        LowCardinality(String),
  revision       LowCardinality(String),
  geo_build      LowCardinality(String),
  rejected       LowCardinality(String),
  raw            String CODEC(ZSTD(3)),
  INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 4,
  INDEX by_session session TYPE bloom_filter(0.01) GRANULARITY 4,
  INDEX by_time event_time TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(record_time)
ORDER BY (tenant, user_id, event_time, topic, partition, offset)
TTL archived_at + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 100000,
  replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 1209600
