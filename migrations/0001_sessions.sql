-- Instants are milliseconds since 1970-01-01T00:00:00Z, money is in millionths of a US dollar.
-- Sets that are closed by the HTTP contract or by the code's own state machines are checked here; error codes
-- and stop reasons are not, because refusing to write down why a session ends must never keep it from ending.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY CHECK (id GLOB 'sess-*' AND length(id) = 21),
  version INTEGER NOT NULL CHECK (version >= 1),
  consumer_id TEXT NOT NULL CHECK (consumer_id <> ''),
  request TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'provisioning', 'running', 'stopping', 'stopped', 'failed')),
  -- 1 while the session is not ended or one of its instances may still exist.
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  -- Of the current attempt; NULL before the first.
  provider TEXT,
  public_key TEXT NOT NULL,
  sealed_private_key TEXT,
  created_at INTEGER NOT NULL,
  running_at INTEGER,
  expires_at INTEGER NOT NULL,
  stop_asked_at INTEGER,
  stop_reason TEXT,
  stopped_at INTEGER,
  error_code TEXT,
  error_message TEXT,
  CHECK ((error_code IS NULL) = (error_message IS NULL))
) STRICT;

CREATE INDEX sessions_by_age ON sessions (created_at, id);
CREATE INDEX sessions_by_consumer ON sessions (consumer_id, created_at, id);
CREATE INDEX sessions_by_status ON sessions (status, created_at, id);
CREATE INDEX sessions_open ON sessions (created_at, id) WHERE open = 1;

CREATE TABLE instances (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  -- 0 for the session's first instance: its index in the session's list.
  place INTEGER NOT NULL CHECK (place >= 0),
  role TEXT NOT NULL CHECK (role IN ('attempt', 'stray')),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  tag TEXT NOT NULL,
  provider TEXT NOT NULL,
  api TEXT NOT NULL,
  offer TEXT NOT NULL,
  gpu_type TEXT NOT NULL,
  disk_gb REAL NOT NULL CHECK (disk_gb >= 0),
  state TEXT NOT NULL
    CHECK (state IN ('intended', 'launching', 'unsettled', 'launched', 'terminating', 'refused', 'absent', 'gone')),
  provider_instance_id TEXT,
  ssh_host TEXT,
  ssh_port INTEGER,
  ssh_user TEXT,
  host_key TEXT,
  price_gpu INTEGER NOT NULL CHECK (price_gpu >= 0),
  price_cpu INTEGER NOT NULL CHECK (price_cpu >= 0),
  price_ram INTEGER NOT NULL CHECK (price_ram >= 0),
  price_disk INTEGER NOT NULL CHECK (price_disk >= 0),
  phase TEXT NOT NULL
    CHECK (phase IN ('starting', 'running', 'stopping', 'stopped', 'failed', 'unknown')),
  intended_at INTEGER NOT NULL,
  ready_by INTEGER NOT NULL,
  settle_by INTEGER,
  launched_at INTEGER,
  first_seen_at INTEGER,
  access_granted_at INTEGER,
  running_at INTEGER,
  troubled_at INTEGER,
  launch_attempts INTEGER NOT NULL CHECK (launch_attempts >= 0),
  terminate_asked_at INTEGER,
  terminate_attempts INTEGER NOT NULL CHECK (terminate_attempts >= 0),
  not_before INTEGER,
  gone_at INTEGER,
  failure_code TEXT,
  failure_message TEXT,
  PRIMARY KEY (session_id, place),
  CHECK ((ssh_host IS NULL) = (ssh_port IS NULL) AND (ssh_host IS NULL) = (ssh_user IS NULL)),
  CHECK ((failure_code IS NULL) = (failure_message IS NULL))
) STRICT;

-- No two attempts share a tag, in any session; a stray carries the tag of the attempt that it came from.
CREATE UNIQUE INDEX instances_by_tag ON instances (tag) WHERE role = 'attempt';

CREATE TABLE cost_entries (
  session_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  -- 0 for the first line of the instance.
  seq INTEGER NOT NULL CHECK (seq >= 0),
  part TEXT NOT NULL CHECK (part IN ('gpu', 'cpu', 'ram', 'disk')),
  rate_micro_usd_per_hour INTEGER NOT NULL CHECK (rate_micro_usd_per_hour >= 0),
  started_at INTEGER NOT NULL,
  -- NULL while the line accrues.
  ended_at INTEGER CHECK (ended_at >= started_at),
  PRIMARY KEY (session_id, place, seq),
  FOREIGN KEY (session_id, place) REFERENCES instances (session_id, place) ON DELETE CASCADE
) STRICT;

CREATE INDEX cost_entries_by_end ON cost_entries (ended_at, started_at);

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  session_id TEXT REFERENCES sessions (id),
  body TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_session ON events (session_id, id);

CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  body_hash TEXT NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_keys_by_session ON idempotency_keys (session_id);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
