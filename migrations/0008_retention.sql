-- What is left of a session that was over long ago, when the rest of it has been removed: what it cost. The sums of the
-- days (cost_days, session_days) stay as they are, and cannot be made anew from lines that are gone.
CREATE TABLE past_sessions (
  id TEXT PRIMARY KEY,
  consumer_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  stopped_at INTEGER NOT NULL,
  -- Micro-dollars.
  cost INTEGER NOT NULL CHECK (cost >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX past_sessions_by_consumer ON past_sessions (consumer_id);

-- What providers have charged outlives the session that it was charged for: the same table, bound to none.
CREATE TABLE provider_charges_next (
  provider TEXT NOT NULL,
  provider_instance_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  -- When the machine was gone.
  ended_at INTEGER NOT NULL,
  -- Micro-dollars; traffic is a part of what was billed, and no part of the estimate.
  billed INTEGER NOT NULL,
  traffic INTEGER NOT NULL,
  estimated INTEGER NOT NULL CHECK (estimated >= 0),
  -- When the provider last said so.
  read_at INTEGER NOT NULL,
  PRIMARY KEY (provider, provider_instance_id)
) STRICT;

INSERT INTO provider_charges_next (
  provider, provider_instance_id, session_id, ended_at, billed, traffic, estimated, read_at
)
SELECT provider, provider_instance_id, session_id, ended_at, billed, traffic, estimated, read_at
FROM provider_charges;

DROP TABLE provider_charges;
ALTER TABLE provider_charges_next RENAME TO provider_charges;

CREATE INDEX provider_charges_by_end
  ON provider_charges (ended_at, provider, session_id, billed, traffic, estimated, read_at);
CREATE INDEX provider_charges_by_session ON provider_charges (session_id);
