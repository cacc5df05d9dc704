-- The second step of an account's sign-in. It is on when `confirmed_at` is set; until then it is an
-- enrolment that began at `begun_at`. `last_step` is the last time step (RFC 6238) whose code was
-- used, as a code is valid once. `attempts` are the codes that were wrong in the window that began
-- at `attempts_since`. Unlike a password, the secret cannot be stored as a hash, because codes are
-- computed from it.
CREATE TABLE two_step (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (user_id),
    secret BLOB NOT NULL CHECK (length(secret) = 20),
    begun_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER,
    attempts INTEGER NOT NULL,
    attempts_since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Codes that replace the authenticator app, each once: a row is deleted with its use. Only a hash of
-- user and code is kept.
CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
