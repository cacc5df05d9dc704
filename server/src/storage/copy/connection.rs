//! The source or the target of a copy: a connection with an open transaction.

use futures_util::stream::{BoxStream, StreamExt as _};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::super::StorageError;
use super::table::{Cell, ColumnType, Row, Table};

/// A connection to the source or the target database.
#[derive(Debug)]
pub(super) enum CopyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Reads the columns of a row of either backend.
macro_rules! cells {
    ($table:expr, $row:expr) => {{
        let columns = $table.columns().iter().enumerate();
        let cells = columns.map(|(index, (_, kind))| {
            Ok(match kind {
                ColumnType::Bytes => Cell::Bytes($row.try_get(index)?),
                ColumnType::Text => Cell::Text($row.try_get(index)?),
                ColumnType::Number => Cell::Number($row.try_get(index)?),
                ColumnType::Flag => Cell::Flag($row.try_get(index)?),
            })
        });
        cells.collect::<Result<Row, StorageError>>()
    }};
}

impl CopyConnection {
    /// All rows of a table in key order.
    pub(super) fn rows(&mut self, table: Table) -> BoxStream<'_, Result<Row, StorageError>> {
        let select = sqlx::AssertSqlSafe(table.select());
        match self {
            Self::Sqlite(connection) => sqlx::query(select)
                .fetch(connection)
                .map(move |row| {
                    row.map_err(StorageError::from).and_then(|row| read_sqlite(table, &row))
                })
                .boxed(),
            Self::Postgres(connection) => sqlx::query(select)
                .fetch(connection)
                .map(move |row| {
                    row.map_err(StorageError::from).and_then(|row| read_postgres(table, &row))
                })
                .boxed(),
        }
    }

    /// Adds rows to a table.
    pub(super) async fn insert(&mut self, table: Table, rows: &[Row]) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(connection) => insert_sqlite(connection, table, rows).await,
            Self::Postgres(connection) => insert_postgres(connection, table, rows).await,
        }
    }

    /// Executes a statement without parameters.
    pub(super) async fn execute(&mut self, statement: &'static str) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(connection) => connection.execute(statement).await.map(drop)?,
            Self::Postgres(connection) => connection.execute(statement).await.map(drop)?,
        }
        Ok(())
    }

    pub(super) async fn close(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}

fn read_sqlite(table: Table, row: &SqliteRow) -> Result<Row, StorageError> {
    cells!(table, row)
}

fn read_postgres(table: Table, row: &PgRow) -> Result<Row, StorageError> {
    cells!(table, row)
}

async fn insert_sqlite(
    connection: &mut SqliteConnection,
    table: Table,
    rows: &[Row],
) -> Result<(), StorageError> {
    let placeholders = vec!["?"; table.columns().len()].join(", ");
    let statement =
        format!("INSERT INTO {} ({}) VALUES ({placeholders})", table.name(), table.names());
    for row in rows {
        let mut query = sqlx::query(AssertSqlSafe(statement.clone()));
        for cell in row {
            query = match cell {
                Cell::Bytes(bytes) => query.bind(&bytes[..]),
                Cell::Text(text) => query.bind(&**text),
                Cell::Number(number) => query.bind(number),
                Cell::Flag(flag) => query.bind(flag),
            };
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Inserts all rows by one statement, with one array per column.
async fn insert_postgres(
    connection: &mut PgConnection,
    table: Table,
    rows: &[Row],
) -> Result<(), StorageError> {
    let columns = table.columns();
    let arrays: Vec<String> = columns.iter().zip(1..).map(array_parameter).collect();
    let statement = format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({})",
        table.name(),
        table.names(),
        arrays.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(statement));
    for (index, (_, kind)) in columns.iter().enumerate() {
        let cells = rows.iter().filter_map(|row| row.get(index));
        query = match kind {
            ColumnType::Bytes => query.bind(cells.filter_map(Cell::bytes).collect::<Vec<_>>()),
            ColumnType::Text => query.bind(cells.filter_map(Cell::text).collect::<Vec<_>>()),
            ColumnType::Number => query.bind(cells.filter_map(Cell::number).collect::<Vec<_>>()),
            ColumnType::Flag => query.bind(cells.filter_map(Cell::flag).collect::<Vec<_>>()),
        };
    }
    query.execute(connection).await?;
    Ok(())
}

fn array_parameter(((_, kind), number): (&(&str, ColumnType), usize)) -> String {
    let kind = match kind {
        ColumnType::Bytes => "bytea",
        ColumnType::Text => "text",
        ColumnType::Number => "bigint",
        ColumnType::Flag => "boolean",
    };
    format!("${number}::{kind}[]")
}

impl Cell {
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Text(_) | Self::Number(_) | Self::Flag(_) => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) | Self::Number(_) | Self::Flag(_) => None,
        }
    }

    fn number(&self) -> Option<Option<i64>> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Bytes(_) | Self::Text(_) | Self::Flag(_) => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Bytes(_) | Self::Text(_) | Self::Number(_) => None,
        }
    }
}
