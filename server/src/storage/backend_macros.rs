//! Calls the backend that a [`Storage`](super::Storage) has.

/// Evaluates an expression with the backend bound to a name.
macro_rules! with_backend {
    ($storage:expr, $database:ident => $body:expr) => {
        match &$storage.backend {
            Backend::Sqlite($database) => $body,
            Backend::Postgres($database) => $body,
        }
    };
}

/// Like `with_backend`, for an operation that may fail: counts its error.
macro_rules! counted {
    ($storage:expr, $database:ident => $body:expr) => {
        $storage.count_error(with_backend!($storage, $database => $body))
    };
}
