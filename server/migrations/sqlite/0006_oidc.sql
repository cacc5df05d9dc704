-- Accounts of an OpenID Connect provider with which users sign in. An account has at most one of
-- each provider.
CREATE TABLE oidc_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (user_id),
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
) STRICT, WITHOUT ROWID;

-- Codes that the app exchanges for a session, each once: a row is deleted with its use. Only the
-- SHA-256 of the code and of the browser's cookie are kept.
CREATE TABLE oidc_codes (
    user_id BLOB NOT NULL REFERENCES users (user_id),
    code_hash BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
