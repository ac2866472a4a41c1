-- Where a session's workload answers over HTTP, for sessions that run a server and not a login.
ALTER TABLE instances ADD COLUMN endpoint_host TEXT;
ALTER TABLE instances ADD COLUMN endpoint_port INTEGER;

-- The agent on a rented machine shows a token of which only the hash is kept; it may say that there is work.
ALTER TABLE sessions ADD COLUMN agent_token_hash TEXT;
ALTER TABLE sessions ADD COLUMN last_active_at INTEGER;

-- Since when and until when it has said without a gap that there is none. Sessions that ask for it end by this.
ALTER TABLE sessions ADD COLUMN idle_since INTEGER;
ALTER TABLE sessions ADD COLUMN last_idle_at INTEGER;
