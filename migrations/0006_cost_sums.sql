-- What sessions that are over have cost, summed up by UTC day, so that a month is not added up from every line ever
-- written. Nothing but sums of cost_entries: they could be thrown away and made anew from those.

-- Sessions whose lines are in no sum: those that are open, and those that were over before there were sums, which are
-- taken in little by little.
CREATE TABLE unsettled_costs (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id)
) STRICT, WITHOUT ROWID;

INSERT INTO unsettled_costs (session_id) SELECT id FROM sessions;

CREATE TABLE cost_days (
  -- '' is all consumers together.
  consumer_id TEXT NOT NULL,
  -- Its start.
  day INTEGER NOT NULL CHECK (day % 86400000 = 0),
  provider TEXT NOT NULL,
  gpu_type TEXT NOT NULL,
  cost INTEGER NOT NULL,
  billed_ms INTEGER NOT NULL,
  -- How many sessions have a part in the sums.
  parts INTEGER NOT NULL,
  PRIMARY KEY (consumer_id, day, provider, gpu_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_days (
  consumer_id TEXT NOT NULL,
  day INTEGER NOT NULL CHECK (day % 86400000 = 0),
  -- The last day before on which these sessions cost something; -1 = none. In a window that begins after it, this day is
  -- their first one, and each session is counted once.
  previous_day INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  PRIMARY KEY (consumer_id, day, previous_day)
) STRICT, WITHOUT ROWID;
