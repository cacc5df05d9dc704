//! One end of a copy: a connection in the middle of a transaction.

use futures_util::stream::{BoxStream, StreamExt as _};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::super::StorageError;
use super::table::{Cell, Kind, Row, Table};

/// A database that is copied from or to.
#[derive(Debug)]
pub(super) enum End {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Reads the columns of a row of either database.
macro_rules! cells {
    ($table:expr, $row:expr) => {{
        let columns = $table.columns().iter().enumerate();
        let cells = columns.map(|(index, (_, kind))| {
            Ok(match kind {
                Kind::Bytes => Cell::Bytes($row.try_get(index)?),
                Kind::Text => Cell::Text($row.try_get(index)?),
                Kind::Number => Cell::Number($row.try_get(index)?),
                Kind::Flag => Cell::Flag($row.try_get(index)?),
            })
        });
        cells.collect::<Result<Row, StorageError>>()
    }};
}

impl End {
    /// All rows of a table in the order of its key.
    pub(super) fn rows(&mut self, table: Table) -> BoxStream<'_, Result<Row, StorageError>> {
        let select = sqlx::AssertSqlSafe(table.select());
        match self {
            Self::Sqlite(connection) => sqlx::query(select)
                .fetch(connection)
                .map(move |row| row.map_err(StorageError::from).and_then(|row| read(table, &row)))
                .boxed(),
            Self::Postgres(connection) => sqlx::query(select)
                .fetch(connection)
                .map(move |row| {
                    row.map_err(StorageError::from).and_then(|row| read_pg(table, &row))
                })
                .boxed(),
        }
    }

    /// Adds rows to a table.
    pub(super) async fn insert(&mut self, table: Table, rows: &[Row]) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(connection) => insert(connection, table, rows).await,
            Self::Postgres(connection) => insert_pg(connection, table, rows).await,
        }
    }

    /// Does what none of our tables has to be known for.
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

fn read(table: Table, row: &SqliteRow) -> Result<Row, StorageError> {
    cells!(table, row)
}

fn read_pg(table: Table, row: &PgRow) -> Result<Row, StorageError> {
    cells!(table, row)
}

async fn insert(
    connection: &mut SqliteConnection,
    table: Table,
    rows: &[Row],
) -> Result<(), StorageError> {
    let places = vec!["?"; table.columns().len()].join(", ");
    let statement = format!("INSERT INTO {} ({}) VALUES ({places})", table.name(), table.names());
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

/// All rows by one statement, column by column.
async fn insert_pg(
    connection: &mut PgConnection,
    table: Table,
    rows: &[Row],
) -> Result<(), StorageError> {
    let columns = table.columns();
    let arrays: Vec<String> = columns.iter().zip(1..).map(array).collect();
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
            Kind::Bytes => query.bind(cells.filter_map(Cell::bytes).collect::<Vec<_>>()),
            Kind::Text => query.bind(cells.filter_map(Cell::text).collect::<Vec<_>>()),
            Kind::Number => query.bind(cells.filter_map(Cell::number).collect::<Vec<_>>()),
            Kind::Flag => query.bind(cells.filter_map(Cell::flag).collect::<Vec<_>>()),
        };
    }
    query.execute(connection).await?;
    Ok(())
}

fn array(((_, kind), number): (&(&str, Kind), usize)) -> String {
    let kind = match kind {
        Kind::Bytes => "bytea",
        Kind::Text => "text",
        Kind::Number => "bigint",
        Kind::Flag => "boolean",
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
