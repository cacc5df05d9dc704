-- Wrong passwords of a client address: at one account, and with an empty account at all of them.
-- All servers of the database share the limits. The account is the SHA-256 of an email, which may
-- be unknown. Not logged: after a crash the limits begin again.
CREATE UNLOGGED TABLE wrong_passwords (
    address TEXT NOT NULL,
    account BYTEA NOT NULL CHECK (octet_length(account) IN (0, 32)),
    since BIGINT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (address, account)
);
CREATE INDEX wrong_passwords_since ON wrong_passwords (since);
