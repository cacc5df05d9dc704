//! Helpers for tests that use [`Storage`] without a server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use wizitime_domain::{DeviceId, EpochId, IdSource, Ledger, Timestamp, UserId};
use wizitime_hub::Batch;
use wizitime_protocol::messages::ChangesPageRequest;
use wizitime_server::auth::Token;
use wizitime_server::{NewToken, NewUser, Storage};

use crate::database::TestDatabase;
use crate::events::batch;

/// The epoch of databases of [`open`].
pub const EPOCH: EpochId = EpochId::from_bytes([1; 16]);
/// The push timeout of clients: every database operation must end before.
pub const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a test database.
pub async fn open(database: &TestDatabase) -> Storage {
    Storage::open(&database.config(), EPOCH).await.unwrap()
}

/// A session token that expires at `expires_at` (in milliseconds).
pub fn token(user_id: UserId, expires_at: i64) -> (Token, NewToken) {
    let token = Token::generate().unwrap();
    let new = NewToken {
        user_id,
        hash: token.hash(),
        device_id: DeviceId::from_bytes([0; 16]),
        created_at: Timestamp::MIN,
        expires_at: Timestamp::from_ms(expires_at).unwrap(),
    };
    (token, new)
}

/// An account that does not exist yet.
pub fn new_user() -> NewUser {
    static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = LAST_NUMBER.fetch_add(1, Ordering::Relaxed);
    let user_id = UserId::from_bytes(IdSource::new([number, 1, 2, 3]).uuid_v7(Timestamp::MIN));
    NewUser { user_id, email: format!("{number}@example.org"), password_hash: "hash".to_owned() }
}

/// Creates an account.
pub async fn create_user(storage: &Storage) -> UserId {
    let user = new_user();
    let user_id = user.user_id;
    assert!(storage.sign_up(user, token(user_id, 1_000).1).await.unwrap());
    user_id
}

/// Reads all changes pages of `limit` entities. Returns the ledger and the cursor.
pub async fn read_all(storage: &Storage, user_id: UserId, limit: usize) -> (Ledger, u64) {
    let mut ledger = Ledger::default();
    let mut since = 0;
    loop {
        let request = ChangesPageRequest { epoch: Some(storage.epoch()), since, limit };
        let page = storage.changes_page(user_id, &request).await.unwrap();
        let (more, cursor) = (page.more, page.cursor);
        assert!(!more || cursor > since, "every page advances the cursor");
        page.into_entities().into_iter().for_each(|entity| ledger.upsert(entity));
        since = cursor;
        if !more {
            return (ledger, since);
        }
    }
}

/// A UUID of a kind and a number.
pub fn uuid(kind: u8, number: u8) -> String {
    DeviceId::from_bytes([kind, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]).to_string()
}

/// A batch of two events (START_CLOCK and CREATE_TAG) that differ from those of every other number.
pub fn unique_batch(number: u8) -> Batch {
    let event = |half: u8, event_type: &str, payload| {
        json!({
            "id": uuid(9, number * 2 + half), "device_id": uuid(8, 0), "writer_id": uuid(7, 0),
            "seq": u64::MAX, "at": 7, "recorded_at": 7, "zone": "UTC", "v": 1,
            "event_type": event_type, "event": payload,
        })
    };
    let started = json!({
        "time_entry_id": uuid(1, 100 + number), "started_at": 7, "description": "a",
        "project_id": null, "task_id": null, "tag_ids": [], "billable": true,
    });
    let tag = json!({"tag_id": uuid(5, number), "name": "g"});
    batch(&[event(0, "START_CLOCK", started), event(1, "CREATE_TAG", tag)])
}
