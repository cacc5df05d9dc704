-- Append-only. `json` is the text of the event as its device wrote it: no JSONB, which would write
-- it anew.
CREATE TABLE events (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    seq BIGINT NOT NULL CHECK (seq > 0),
    id BYTEA NOT NULL CHECK (octet_length(id) = 16),
    device_id BYTEA NOT NULL CHECK (octet_length(device_id) = 16),
    writer_id BYTEA NOT NULL CHECK (octet_length(writer_id) = 16),
    writer_seq BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (user_id, seq),
    UNIQUE (user_id, id)
);

CREATE FUNCTION events_are_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
FOR EACH ROW EXECUTE FUNCTION events_are_not_changed();

-- What the events add up to. `updated_seq` is the last event that touched the row; `body` is the
-- entry as readers get it, and the other columns repeat what the database has to know of it.
CREATE TABLE time_entries (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    id BYTEA NOT NULL CHECK (octet_length(id) = 16),
    updated_seq BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    stopped_at BIGINT,
    deleted BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);

-- At most one clock runs per user, whatever the code above it does.
CREATE UNIQUE INDEX time_entries_one_running ON time_entries (user_id)
WHERE stopped_at IS NULL AND NOT deleted;

CREATE INDEX time_entries_by_update ON time_entries (user_id, updated_seq);

-- Projects, clients, tasks, tags, and the settings, whose id is empty.
CREATE TABLE catalog (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('project', 'client', 'task', 'tag', 'settings')),
    id BYTEA NOT NULL CHECK (octet_length(id) IN (0, 16)),
    updated_seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (user_id, kind, id)
);

CREATE INDEX catalog_by_update ON catalog (user_id, updated_seq);
