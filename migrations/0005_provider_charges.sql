-- What a provider says it has charged for a machine of ours that is gone, beside what our own ledger had come to by then.

CREATE TABLE provider_charges (
  provider TEXT NOT NULL,
  provider_instance_id TEXT NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (id),
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

CREATE INDEX provider_charges_by_end
  ON provider_charges (ended_at, provider, session_id, billed, traffic, estimated, read_at);
CREATE INDEX provider_charges_by_session ON provider_charges (session_id);
CREATE INDEX instances_by_end ON instances (gone_at, provider) WHERE gone_at IS NOT NULL;
