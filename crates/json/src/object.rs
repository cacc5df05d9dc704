//! The fields of a struct as the members of an object.

/// Declares that a struct is a JSON object with these members, in this order.
///
/// - `name`: the member has to be there, unless its type may be missing (an `Option`).
/// - `name = default`: a member that is missing is the type's default.
/// - `name = some`: an `Option` that is left out when it is none.
/// - `name = change`: an `Option` that is left out when it is none, and for which `null` is
///   something: "set to nothing", not "leave as it is".
///
/// With `strict` in front, a member that is not listed is an error; otherwise it is passed over.
///
/// ```
/// # use wizitime_json::{from_json, json_object, to_json};
/// struct Stop { at: u64, note: Option<String> }
/// json_object!(Stop { at, note = some });
///
/// let stop: Stop = from_json("{\"at\":5}").unwrap();
/// assert_eq!(to_json(&stop).as_str(), "{\"at\":5}");
/// ```
#[macro_export]
macro_rules! json_object {
    (strict $kind:ident { $($field:ident $(= $mode:ident)?),+ $(,)? }) => {
        $crate::json_object!(@impl $kind { $($field $(= $mode)?,)+ }, [$(stringify!($field)),+]);
    };
    ($kind:ident { $($field:ident $(= $mode:ident)?),+ $(,)? }) => {
        $crate::json_object!(@impl $kind { $($field $(= $mode)?,)+ });
    };
    (@impl $kind:ident { $($field:ident $(= $mode:ident)?,)+ } $(, $only:expr)?) => {
        impl $crate::FromJson for $kind {
            fn from_json(json: $crate::Json<'_>) -> Result<Self, $crate::JsonError> {
                let fields = json.fields()?;
                $(fields.only(&$only)?;)?
                Ok(Self { $($field: $crate::json_object!(@read fields $field $($mode)?),)+ })
            }
        }

        impl $crate::ToJson for $kind {
            fn write_json(&self, out: &mut String) {
                let mut object = $crate::ObjectWriter::begin(out);
                $($crate::json_object!(@write object self $field $($mode)?);)+
                object.end();
            }
        }
    };
    (@read $fields:ident $field:ident) => { $fields.read(stringify!($field))? };
    (@read $fields:ident $field:ident default) => {
        $fields.read_if_there(stringify!($field))?.unwrap_or_default()
    };
    (@read $fields:ident $field:ident some) => { $fields.read(stringify!($field))? };
    (@read $fields:ident $field:ident change) => { $fields.read_if_there(stringify!($field))? };
    (@write $object:ident $self:ident $field:ident) => {
        $object.member(stringify!($field), &$self.$field);
    };
    (@write $object:ident $self:ident $field:ident default) => {
        $object.member(stringify!($field), &$self.$field);
    };
    (@write $object:ident $self:ident $field:ident some) => {
        if let Some(value) = &$self.$field {
            $object.member(stringify!($field), value);
        }
    };
    (@write $object:ident $self:ident $field:ident change) => {
        $crate::json_object!(@write $object $self $field some)
    };
}
