-- Instants are milliseconds since 1970, ids the 16 bytes of a UUID.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    user_id BLOB NOT NULL PRIMARY KEY CHECK (length(user_id) = 16),
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a token is kept.
CREATE TABLE tokens (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    device_id BLOB NOT NULL CHECK (length(device_id) = 16),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, token_hash)
) STRICT, WITHOUT ROWID;
