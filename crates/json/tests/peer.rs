//! This crate against `serde_json`: they take the same texts, find the same in them, and write the
//! same bytes.

#![expect(clippy::unwrap_used, reason = "what cannot be read is to fail the test")]

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use wizitime_json::{DEPTH_MAX, Json, JsonText, MEMBERS_MAX, from_json, json_object, to_json};

/// Any JSON without fractions.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{7f}\"\\\\]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A text that is nearly JSON: one with some of its bytes taken out, doubled or replaced.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = r#"{}[]:,"\u0001eE+-.tfn /bd"#;
    let edit = (any::<prop::sample::Index>(), 0..3_u8, any::<prop::sample::Index>());
    (any_value(), prop::collection::vec(edit, 0..4)).prop_map(move |(value, edits)| {
        let mut text: Vec<char> = value.to_string().chars().collect();
        for (place, kind, piece) in edits {
            let at = place.index(text.len() + 1);
            let with = pieces.chars().nth(piece.index(pieces.len())).unwrap();
            match kind {
                0 => text.insert(at, with),
                1 if at < text.len() => text[at] = with,
                _ if at < text.len() => drop(text.remove(at)),
                _ => (),
            }
        }
        text.into_iter().collect()
    })
}

/// What we find in it, as `serde_json` would hold it.
fn found(json: Json<'_>) -> Value {
    match json.as_str().as_bytes()[0] {
        b'"' => json.text().unwrap().into(),
        b'[' => json.elements().unwrap().into_iter().map(found).collect(),
        b'{' => {
            let names: Value = serde_json::from_str(json.as_str()).unwrap();
            let fields = json.fields().unwrap();
            let names = names.as_object().unwrap().keys().cloned();
            names.map(|name| (name.clone(), found(fields.need(&name).unwrap()))).collect()
        }
        b't' | b'f' => from_json::<bool>(json.as_str()).unwrap().into(),
        b'n' => Value::Null,
        b'-' => from_json::<i64>(json.as_str()).unwrap().into(),
        _ => from_json::<u64>(json.as_str()).unwrap().into(),
    }
}

proptest! {
    #[test]
    fn what_is_in_it_is_found(value in any_value()) {
        for text in [value.to_string(), format!(" {value:#}\r\n\t")] {
            prop_assert_eq!(found(Json::parse(&text).unwrap()), value.clone());
        }
    }

    #[test]
    fn the_same_texts_are_taken(text in nearly_json()) {
        let theirs = serde_json::from_str::<&RawValue>(&text);
        let ours = Json::parse(&text);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}: {:?} {:?}", text, ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.as_str(), theirs.get());
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC*", bytes in any::<Vec<u8>>()) {
        for text in [text, String::from_utf8_lossy(&bytes).into_owned()] {
            if let Ok(json) = Json::parse(&text) {
                let _ = (json.text(), json.elements(), json.fields());
            }
        }
    }

    #[test]
    fn the_same_bytes_are_written(text: String, number: i64, natural: u64, truth: bool) {
        let all = (&text, number, natural, truth, None::<()>);
        let ours = [
            to_json(&text),
            to_json(&number),
            to_json(&natural),
            to_json(&truth),
            to_json(&None::<u64>),
        ];
        let list = to_json(&ours.to_vec()).to_string();
        prop_assert_eq!(list, serde_json::to_string(&all).unwrap());
        prop_assert_eq!(from_json::<String>(ours[0].as_str()).unwrap(), text);
        prop_assert_eq!(from_json::<i64>(ours[1].as_str()).unwrap(), number);
        prop_assert_eq!(from_json::<u64>(ours[2].as_str()).unwrap(), natural);
        prop_assert_eq!(from_json::<bool>(ours[3].as_str()).unwrap(), truth);
    }
}

#[test]
fn escapes_are_read_and_half_pairs_are_refused() {
    let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#;
    let read = from_json::<String>(text).unwrap();
    assert_eq!(read, "\"\\/\u{8}\u{c}\n\r\té😀\0");
    assert_eq!(read, serde_json::from_str::<String>(text).unwrap());
    for half in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\n""#, r#""\ud83d\u0041""#] {
        assert!(Json::parse(half).is_ok(), "{half} is JSON");
        assert!(from_json::<String>(half).is_err(), "{half} is no text");
    }
}

#[test]
fn depth_and_members_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(&nested(usize::from(DEPTH_MAX))).is_ok());
    assert!(Json::parse(&nested(usize::from(DEPTH_MAX) + 1)).is_err());
    let members = |count: usize| {
        let all: Vec<String> = (0..count).map(|name| format!("\"{name}\":0")).collect();
        JsonText::parse(&format!("{{{}}}", all.join(","))).unwrap()
    };
    assert!(members(MEMBERS_MAX).as_json().fields().is_ok());
    assert!(members(MEMBERS_MAX + 1).as_json().fields().is_err());
}

#[derive(Debug, PartialEq)]
struct Inner {
    count: u16,
}
json_object!(strict Inner { count });

#[derive(Debug, PartialEq)]
struct Outer {
    name: String,
    inner: Option<Inner>,
    list: Vec<u64>,
    note: Option<String>,
    change: Option<Option<String>>,
}
json_object!(Outer { name, inner, list = default, note = some, change = change });

fn read(text: &str) -> Result<Outer, String> {
    from_json(text).map_err(|error| error.to_string())
}

#[test]
fn fields_may_be_missing_where_that_means_something() {
    let least = read(r#"{"name":"a"}"#).unwrap();
    let expected =
        Outer { name: "a".into(), inner: None, list: Vec::new(), note: None, change: None };
    assert_eq!(least, expected);
    assert_eq!(to_json(&least).as_str(), r#"{"name":"a","inner":null,"list":[]}"#);
    let all = r#"{"name":"a","inner":{"count":1},"list":[2,3],"note":"b","change":null}"#;
    assert_eq!(read(all).unwrap().change, Some(None), "null is there");
    assert_eq!(to_json(&read(all).unwrap()).as_str(), all);
    assert_eq!(read(r#"{"n\u0061me":"a","newer":{}}"#), Ok(least), "names are texts");
}

#[test]
fn what_is_wrong_is_said() {
    for (text, said) in [
        ("", "it is not JSON at byte 0"),
        (r#"{"name":"a",}"#, "it is not JSON at byte 12"),
        ("[]", "it is not an object"),
        ("{}", "`name` is missing"),
        (r#"{"name":7}"#, "`name` is not a text"),
        (r#"{"name":"a","name":"b"}"#, "`name` is there twice"),
        (r#"{"name":"a","list":[-1]}"#, "`list` is not a whole number from 0 up"),
        (r#"{"name":"a","list":[1.0]}"#, "`list` is not a whole number from 0 up"),
        (r#"{"name":"a","inner":{}}"#, "`inner.count` is missing"),
        (
            r#"{"name":"a","inner":{"count":65536}}"#,
            "`inner.count` is not a whole number of 16 bits",
        ),
        (r#"{"name":"a","inner":{"count":1,"more":2}}"#, "`inner.more` is not known here"),
    ] {
        assert_eq!(read(text).unwrap_err(), said, "{text}");
    }
}
