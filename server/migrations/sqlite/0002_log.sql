-- Append-only. `json` is the text of the event as its device wrote it.
CREATE TABLE events (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    id BLOB NOT NULL CHECK (length(id) = 16),
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    writer_id BLOB NOT NULL CHECK (length(writer_id) = 16),
    writer_seq INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (user_id, seq),
    UNIQUE (user_id, id)
) STRICT;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

-- What the events add up to. `updated_seq` is the last event that touched the row; `body` is the
-- entry as readers get it, and the other columns repeat what the database has to know of it.
CREATE TABLE time_entries (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    updated_seq INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    stopped_at INTEGER,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    body TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- At most one clock runs per user, whatever the code above it does.
CREATE UNIQUE INDEX time_entries_one_running ON time_entries (user_id)
WHERE stopped_at IS NULL AND deleted = 0;

CREATE INDEX time_entries_by_update ON time_entries (user_id, updated_seq);

-- Projects, clients, tasks, tags, and the settings, whose id is empty.
CREATE TABLE catalog (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    kind TEXT NOT NULL CHECK (kind IN ('project', 'client', 'task', 'tag', 'settings')),
    id BLOB NOT NULL,
    updated_seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (user_id, kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX catalog_by_update ON catalog (user_id, updated_seq);
