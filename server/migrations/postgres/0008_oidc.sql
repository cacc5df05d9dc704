-- Accounts of an OpenID Connect provider with which users sign in. An account has at most one of
-- each provider.
CREATE TABLE oidc_identities (
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
);

-- Codes that the app exchanges for a session, each once: a row is deleted with its use. Only the
-- SHA-256 of the code and of the browser's cookie are kept.
CREATE TABLE oidc_codes (
    user_id BYTEA NOT NULL REFERENCES users (user_id),
    code_hash BYTEA NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
    browser_hash BYTEA NOT NULL CHECK (octet_length(browser_hash) = 32),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
