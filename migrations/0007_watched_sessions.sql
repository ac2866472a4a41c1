-- What a machine said of itself when it was first looked into, and in what it is not what was offered: JSON.
ALTER TABLE instances ADD COLUMN machine TEXT;
ALTER TABLE instances ADD COLUMN mismatches TEXT;

-- Since when another host key answers, and since when logins that worked are refused.
ALTER TABLE instances ADD COLUMN host_key_changed_at INTEGER;
ALTER TABLE instances ADD COLUMN login_lost_at INTEGER;

-- When the end for idleness was announced, and for when.
ALTER TABLE sessions ADD COLUMN idle_warned_at INTEGER;
ALTER TABLE sessions ADD COLUMN idle_ends_at INTEGER;

-- A session whose machine the market took, and which waits for another one.
ALTER TABLE sessions ADD COLUMN interrupted_at INTEGER;
ALTER TABLE sessions ADD COLUMN left_ms INTEGER CHECK (left_ms >= 0);

-- What was found out of work on running machines, and what was concluded from each: JSON. Of a session, the latest are kept.
CREATE TABLE activity (
  session_id TEXT NOT NULL REFERENCES sessions (id),
  at INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('probe', 'agent')),
  body TEXT NOT NULL,
  PRIMARY KEY (session_id, at, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_by_age ON activity (at);

-- What lately became of attempts, by offer, machine, host and site: read once, at the start.
CREATE INDEX instances_by_age ON instances (intended_at);

-- Since when a running machine cannot be reached over SSH, where that is not for a refused key.
ALTER TABLE instances ADD COLUMN unreachable_at INTEGER;

-- How the run before ended, while a kept machine is to run again: JSON. It is put back where the machine is refused.
ALTER TABLE sessions ADD COLUMN former_end TEXT;
