-- Security events of accounts. The user is empty if there is no account, as for a sign-in with an
-- unknown email, and the address if a command caused the event.
CREATE TABLE audit (
    user_id BLOB NOT NULL CHECK (length(user_id) IN (0, 16)),
    event TEXT NOT NULL,
    audit_id BLOB NOT NULL CHECK (length(audit_id) = 16),
    at INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (user_id, event, audit_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_time ON audit (at);
