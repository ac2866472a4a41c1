-- Machines that are stopped with their disks kept, and machines that are rented with a bid. The set of instance states
-- grows, and SQLite can change no CHECK: both tables are made anew, the child first, so that no row is lost to a cascade.

ALTER TABLE sessions ADD COLUMN discard_asked_at INTEGER;
ALTER TABLE sessions ADD COLUMN ran_before_ms INTEGER CHECK (ran_before_ms >= 0);

CREATE TABLE instances_next (
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
    CHECK (state IN ('intended', 'launching', 'unsettled', 'launched', 'stopping', 'preserved', 'resuming',
                     'terminating', 'refused', 'absent', 'gone')),
  provider_instance_id TEXT,
  ssh_host TEXT,
  ssh_port INTEGER,
  ssh_user TEXT,
  endpoint_host TEXT,
  endpoint_port INTEGER,
  host_key TEXT,
  -- For the machine without its disk; NULL = on demand.
  bid_per_hour INTEGER CHECK (bid_per_hour > 0),
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
  preserved_at INTEGER,
  resumed_at INTEGER,
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
  CHECK ((endpoint_host IS NULL) = (endpoint_port IS NULL)),
  CHECK ((failure_code IS NULL) = (failure_message IS NULL))
) STRICT;

INSERT INTO instances_next (
  session_id, place, role, attempt, tag, provider, api, offer, gpu_type, disk_gb, state, provider_instance_id,
  ssh_host, ssh_port, ssh_user, endpoint_host, endpoint_port, host_key,
  price_gpu, price_cpu, price_ram, price_disk, phase, intended_at, ready_by, settle_by, launched_at, first_seen_at,
  access_granted_at, running_at, troubled_at, launch_attempts, terminate_asked_at, terminate_attempts, not_before,
  gone_at, failure_code, failure_message
)
SELECT
  session_id, place, role, attempt, tag, provider, api, offer, gpu_type, disk_gb, state, provider_instance_id,
  ssh_host, ssh_port, ssh_user, endpoint_host, endpoint_port, host_key,
  price_gpu, price_cpu, price_ram, price_disk, phase, intended_at, ready_by, settle_by, launched_at, first_seen_at,
  access_granted_at, running_at, troubled_at, launch_attempts, terminate_asked_at, terminate_attempts, not_before,
  gone_at, failure_code, failure_message
FROM instances;

CREATE TABLE cost_entries_next (
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
  FOREIGN KEY (session_id, place) REFERENCES instances_next (session_id, place) ON DELETE CASCADE
) STRICT;

INSERT INTO cost_entries_next (session_id, place, seq, part, rate_micro_usd_per_hour, started_at, ended_at)
SELECT session_id, place, seq, part, rate_micro_usd_per_hour, started_at, ended_at FROM cost_entries;

DROP TABLE cost_entries;
DROP TABLE instances;
ALTER TABLE instances_next RENAME TO instances;
ALTER TABLE cost_entries_next RENAME TO cost_entries;

CREATE UNIQUE INDEX instances_by_tag ON instances (tag) WHERE role = 'attempt';
CREATE INDEX cost_entries_by_end ON cost_entries (ended_at, started_at);
