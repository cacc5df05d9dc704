-- The second step of an account's sign-in. It is on when `confirmed_at` is set; until then it is an
-- enrolment that began at `begun_at`. `last_step` is the last time step (RFC 6238) whose code was
-- used, as a code is valid once. `attempts` are the codes that were wrong in the window that began
-- at `attempts_since`. Unlike a password, the secret cannot be stored as a hash, because codes are
-- computed from it.
CREATE TABLE two_step (
    user_id BYTEA NOT NULL PRIMARY KEY REFERENCES users (user_id),
    secret BYTEA NOT NULL CHECK (octet_length(secret) = 20),
    begun_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT,
    attempts BIGINT NOT NULL,
    attempts_since BIGINT NOT NULL
);

-- Codes that replace the authenticator app, each once: a row is deleted with its use. Only a hash of
-- user and code is kept.
CREATE TABLE recovery_codes (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    code_hash BYTEA NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
);
