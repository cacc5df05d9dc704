-- Instants are milliseconds since 1970, ids the 16 bytes of a UUID.

CREATE TABLE meta (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE users (
    user_id BYTEA NOT NULL PRIMARY KEY CHECK (octet_length(user_id) = 16),
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Only the SHA-256 of a token is kept.
CREATE TABLE tokens (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    token_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    device_id BYTEA NOT NULL CHECK (octet_length(device_id) = 16),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, token_hash)
);
