//! Tests of the PostgreSQL backend, and of several servers on one database.

mod convergence;
mod database_faults;
mod lost_answers;
mod migration;
mod nodes;
mod silent_connection;
mod start;
mod tls;
