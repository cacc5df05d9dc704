-- What opens a socket for a session, and for a minute. Only the SHA-256 is kept, and it goes with
-- its session. Not logged: after a crash of the database, or on a server that takes over from it,
-- the table is empty and clients ask for another.
CREATE UNLOGGED TABLE socket_tokens (
    user_id BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    socket_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(socket_hash) = 32),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, token_hash, socket_hash),
    FOREIGN KEY (user_id, token_hash) REFERENCES tokens (user_id, token_hash) ON DELETE CASCADE
);
