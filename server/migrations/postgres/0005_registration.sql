-- Since when the operator has disabled the account: it has no sessions and cannot sign in.
ALTER TABLE users ADD COLUMN disabled_at BIGINT;

-- Invitations to create an account with this email. Only the SHA-256 of a link's token is kept, and
-- a row is deleted with its use.
CREATE TABLE invitations (
    email TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Links that set the password of an account, at most one for each.
CREATE TABLE password_links (
    user_id BYTEA NOT NULL PRIMARY KEY REFERENCES users (user_id),
    token_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
