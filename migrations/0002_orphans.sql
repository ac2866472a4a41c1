-- Instances under our tag that no row wants, from the sweep that proved it until they are gone or wanted again: what a
-- person has decided of one, and what waits for a person, has to outlive the process.

CREATE TABLE orphans (
  id TEXT PRIMARY KEY CHECK (id <> ''),
  version INTEGER NOT NULL CHECK (version >= 1),
  provider TEXT NOT NULL,
  api TEXT NOT NULL,
  provider_instance_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ending', 'held', 'ignored')),
  decided_by TEXT NOT NULL CHECK (decided_by IN ('sweep', 'person')),
  held_for TEXT CHECK (held_for IN ('dry_run', 'over_limit', 'not_launched_here')),
  -- By the provider's word, as is the price.
  created_at INTEGER,
  price_per_hour INTEGER CHECK (price_per_hour >= 0),
  detected_at INTEGER NOT NULL,
  -- Since when it has been in its state.
  decided_at INTEGER NOT NULL,
  terminate_attempts INTEGER NOT NULL CHECK (terminate_attempts >= 0),
  UNIQUE (api, provider_instance_id),
  CHECK ((state = 'held') = (held_for IS NOT NULL))
) STRICT;

CREATE INDEX orphans_by_age ON orphans (detected_at, id);
