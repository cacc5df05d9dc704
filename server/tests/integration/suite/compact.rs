//! The `compact` command.

use wizitime_domain::Timestamp;
use wizitime_server::{CopyError, maintenance};
use wizitime_server_support::storage::{create_user, open, unique_batch};
use wizitime_server_support::{Backend, backend_tests};

/// The sizes in a report: KiB before and after.
fn sizes(report: &str) -> (u64, u64) {
    let words: Vec<&str> = report.split_whitespace().collect();
    let before = |unit: &str| {
        let at = words.iter().position(|word| word.starts_with(unit)).unwrap();
        words[at - 2].parse().unwrap()
    };
    (before("before"), before("after"))
}

async fn compacted_database_is_smaller_and_complete(backend: Backend) {
    let database = backend.create_database().await;
    let storage = open(&database).await;
    let kept = create_user(&storage).await;
    storage.append(kept, unique_batch(1), Timestamp::MIN).await.unwrap().unwrap();
    for _ in 0..20 {
        let deleted = create_user(&storage).await;
        for number in 0..20 {
            let batch = unique_batch(number);
            storage.append(deleted, batch, Timestamp::MIN).await.unwrap().unwrap();
        }
        storage.delete_account(deleted).await.unwrap();
    }
    let config = database.config();
    let in_use = maintenance::compact(&config).await.unwrap_err();
    assert!(matches!(in_use, CopyError::InUse(_)), "{in_use}");
    storage.close().await;
    let report = maintenance::compact(&config).await.unwrap();
    let (before, after) = sizes(&report);
    assert!(after < before, "{report}");
    let storage = open(&database).await;
    assert_eq!(storage.head(kept).await.unwrap().cursor, 2);
    storage.append(kept, unique_batch(2), Timestamp::MIN).await.unwrap().unwrap();
}

backend_tests! {
    compacted_database_is_smaller_and_complete,
}
