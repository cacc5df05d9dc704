//! The JSON reader: exact texts, strictness, limits and error messages.

#![expect(clippy::unwrap_used, reason = "a text that cannot be read fails the test")]

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use wizitime_domain::json::{
    DEPTH_MAX, JsonText, MEMBERS_MAX, elements, from_raw, from_str, parse, to_json,
};

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

/// JSON with some characters inserted, replaced or removed.
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

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    count: u16,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Outer {
    name: String,
    inner: Option<Inner>,
    #[serde(default)]
    list: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn read(text: &str) -> Result<Outer, String> {
    from_str(text).map_err(|error| error.to_string())
}

proptest! {
    /// The text of a value is passed on as it is, whatever space or escapes are in it.
    #[test]
    fn raw_text_is_exact(value in any_value()) {
        #[derive(Deserialize)]
        struct Holder<'a> {
            #[serde(borrow)]
            borrowed: &'a RawValue,
            owned: JsonText,
        }
        for inner in [value.to_string(), format!("{value:#}")] {
            let text = format!(" {{\"borrowed\": {inner} ,\"owned\":\n{inner}\t}}\r\n");
            let holder: Holder<'_> = from_str(&text).unwrap();
            prop_assert_eq!(holder.borrowed.get(), &inner);
            prop_assert_eq!(holder.owned.as_str(), &inner);
            let rewritten = to_json(&vec![&holder.owned]);
            prop_assert_eq!(rewritten.as_str(), format!("[{inner}]"));
            let list = format!("[{inner} , {inner}]");
            let list: Vec<&str> = elements(&list).unwrap().iter().map(|it| it.get()).collect();
            prop_assert_eq!(list, [&inner, &inner]);
        }
    }

    #[test]
    fn the_grammar_is_that_of_serde_json(text in nearly_json()) {
        let expected = serde_json::from_str::<&RawValue>(&text).map(RawValue::get);
        let parsed = parse(&text).map(RawValue::get);
        prop_assert_eq!(parsed.is_ok(), expected.is_ok(), "{}: {:?}", text, parsed);
        if let (Ok(parsed), Ok(expected)) = (parsed, expected) {
            prop_assert_eq!(parsed, expected);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*", bytes in any::<Vec<u8>>(), nearly in nearly_json()) {
        for text in [text, String::from_utf8_lossy(&bytes).into_owned(), nearly] {
            let _ = (read(&text), elements(&text), from_str::<Vec<String>>(&text));
        }
    }

    #[test]
    fn scalars_round_trip(text: String, number: i64, natural: u64, truth: bool) {
        prop_assert_eq!(from_str::<String>(to_json(&text).as_str()).unwrap(), text.clone());
        prop_assert_eq!(from_str::<i64>(to_json(&number).as_str()).unwrap(), number);
        prop_assert_eq!(from_str::<u64>(to_json(&natural).as_str()).unwrap(), natural);
        prop_assert_eq!(from_str::<bool>(to_json(&truth).as_str()).unwrap(), truth);
        let some = from_str::<Option<String>>(to_json(&Some(&text)).as_str()).unwrap();
        prop_assert_eq!(some, Some(text));
    }

    /// A derived struct is read as `serde_json` reads it, where that is less strict in nothing.
    #[test]
    fn structs_are_read_as_by_serde_json(
        name: String, count: Option<u16>, list: Vec<u64>, note: Option<String>
    ) {
        let outer = Outer { name, inner: count.map(|count| Inner { count }), list, note };
        let text = to_json(&outer).to_string();
        prop_assert_eq!(&text, &serde_json::to_string(&outer).unwrap());
        prop_assert_eq!(&serde_json::from_str::<Outer>(&text).unwrap(), &outer);
        prop_assert_eq!(read(&text).unwrap(), outer);
    }
}

#[test]
fn escapes_are_decoded_and_half_surrogate_pairs_are_no_strings() {
    let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#;
    assert_eq!(from_str::<String>(text).unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀\0");
    for half in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\n""#, r#""\ud83d\u0041""#] {
        assert!(parse(half).is_ok(), "{half} is JSON");
        assert!(from_str::<String>(half).is_err(), "{half} is no string");
    }
}

#[test]
fn depth_is_bounded_wherever_the_value_is() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(DEPTH_MAX)).is_ok());
    assert!(parse(&nested(DEPTH_MAX + 1)).is_err());
    assert!(JsonText::parse(&nested(DEPTH_MAX + 1)).is_err());
    assert!(elements(&nested(DEPTH_MAX + 1)).is_err());
    let ignored = |depth| format!("{{\"name\":\"\\\"[{{\",\"newer\":{}}}", nested(depth));
    assert!(read(&ignored(DEPTH_MAX - 1)).is_ok());
    assert_eq!(read(&ignored(DEPTH_MAX)).unwrap_err(), "it is not JSON at byte 149");
}

#[test]
fn a_whole_text_that_is_kept_is_checked() {
    assert_eq!(from_str::<JsonText>(" [1, {}] \n").unwrap().as_str(), "[1, {}]");
    for text in ["[1,", "[1] x", "{\"a\":}", "{} {}", "[[1}]"] {
        assert!(from_str::<JsonText>(text).is_err(), "{text}");
        assert!(from_str::<serde::de::IgnoredAny>(text).is_err(), "{text}");
    }
}

#[test]
fn the_number_of_members_is_bounded() {
    let members = |count: usize| {
        let all: Vec<String> = (1..count).map(|name| format!("\"{name}\":0")).collect();
        format!("{{\"name\":\"a\",{}}}", all.join(","))
    };
    assert!(read(&members(MEMBERS_MAX)).is_ok());
    let error = read(&members(MEMBERS_MAX + 1)).unwrap_err();
    assert_eq!(error, "it is not an object of at most 256 members");
}

#[test]
fn optional_fields_may_be_missing() {
    let least = read(r#"{"name":"a"}"#).unwrap();
    let expected = Outer { name: "a".into(), inner: None, list: Vec::new(), note: None };
    assert_eq!(least, expected);
    assert_eq!(to_json(&least).as_str(), r#"{"name":"a","inner":null,"list":[]}"#);
    let all = r#"{"name":"a","inner":{"count":1},"list":[2,3],"note":"b"}"#;
    assert_eq!(to_json(&read(all).unwrap()).as_str(), all);
    assert_eq!(read(r#"{"n\u0061me":"a","newer":{}}"#), Ok(least), "names are strings");
}

#[test]
fn errors_name_the_field_and_what_was_expected() {
    for (text, message) in [
        ("", "it is not JSON at byte 0"),
        (r#"{"name":"a",}"#, "it is not JSON at byte 12"),
        ("{\n\"name\":\n\"a\" x}", "it is not JSON at byte 14"),
        (r#"{"name":"a"} x"#, "it is not JSON at byte 13"),
        (r#"{"name":"a"#, "it is not JSON at byte 10"),
        ("[]", "it is not an object"),
        (r#"["a",null,[],null]"#, "it is not an object"),
        ("{}", "`name` is missing"),
        (r#"{"name":7}"#, "`name` is not a text"),
        (r#"{"name":null}"#, "`name` is not a text"),
        (r#"{"name":"a","name":"b"}"#, "`name` is there twice"),
        (r#"{"name":"a","n\u0061me":"b"}"#, "`name` is there twice"),
        (r#"{"name":"a","newer":1,"newer":1}"#, "`newer` is there twice"),
        (r#"{"name":"a","list":null}"#, "`list` is not a list"),
        (r#"{"name":"a","list":[-1]}"#, "`list` is not a whole number from 0 up"),
        (r#"{"name":"a","list":[1.0]}"#, "`list` is not a whole number from 0 up"),
        (r#"{"name":"a","list":["1"]}"#, "`list` is not a whole number from 0 up"),
        (r#"{"name":"a","inner":[1]}"#, "`inner` is not an object"),
        (r#"{"name":"a","inner":{}}"#, "`inner.count` is missing"),
        (
            r#"{"name":"a","inner":{"count":65536}}"#,
            "`inner.count` is not a whole number of 16 bits",
        ),
        (r#"{"name":"a","inner":{"count":1,"more":2}}"#, "`inner.more` is not known here"),
    ] {
        assert_eq!(read(text).unwrap_err(), message, "{text}");
    }
}

#[test]
fn an_error_can_be_taken_apart() {
    let error = from_raw::<Outer>(parse(r#"{"name":"a","inner":{}}"#).unwrap()).unwrap_err();
    assert_eq!(error.path(), "inner.count");
    assert_eq!(error.problem(), &wizitime_domain::json::Problem::Missing);
}
