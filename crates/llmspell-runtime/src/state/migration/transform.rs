//! What a step does to an item.

use llmspell_core::{Callback, Cx, Map, Result, Value, bail, error};
use serde::Deserialize;

use super::field;
use super::field_type::Type;

/// One change of every item.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "transform", rename_all = "snake_case", try_from = "Value")]
pub enum Transformation {
    /// A member is there twice.
    Copy {
        /// The member.
        field: String,
        /// Its second name.
        to: String,
    },
    /// A member has another name.
    Rename {
        /// The member.
        field: String,
        /// Its new name.
        to: String,
    },
    /// A member has another type.
    Convert {
        /// The member.
        field: String,
        /// The type.
        to_type: Type,
    },
    /// A member that is missing gets a value.
    Default {
        /// The member.
        field: String,
        /// The value.
        value: Value,
    },
    /// A member is dropped.
    Remove {
        /// The member.
        field: String,
    },
    /// A text becomes several members. What is left over belongs to the last of them.
    Split {
        /// The member, which is dropped.
        field: String,
        /// The names of the parts.
        to: Vec<String>,
        /// What stands between the parts.
        separator: String,
    },
    /// Several members become one text; those that are missing are left out.
    Merge {
        /// The members, which are dropped.
        fields: Vec<String>,
        /// The name of the text.
        to: String,
        /// What stands between the parts.
        separator: String,
    },
    /// A function makes another item.
    Custom(Callback),
}

/// How a script or a file writes a transformation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(alias = "type", alias = "kind")]
    transform: Option<String>,
    field: Option<String>,
    fields: Option<Vec<String>>,
    #[serde(default)]
    to: Value,
    to_type: Option<Type>,
    #[serde(default)]
    value: Value,
    separator: Option<String>,
    #[serde(rename = "fn", alias = "function", alias = "func")]
    function: Option<Callback>,
}

impl TryFrom<Value> for Transformation {
    type Error = llmspell_core::Error;

    fn try_from(given: Value) -> Result<Self> {
        if let Value::Function(function) = given {
            return Ok(Self::Custom(function));
        }
        let Written {
            transform,
            field,
            fields,
            to,
            to_type,
            value,
            separator,
            function,
        } = given.into_typed()?;
        let Some(kind) = transform.or_else(|| function.as_ref().map(|_| "custom".to_owned()))
        else {
            bail!(
                InvalidArgs,
                "a transformation needs `transform`, such as 'rename'"
            );
        };
        let missing =
            |name: &str| error!(InvalidArgs, "the transformation '{kind}' needs `{name}`");
        let needed = |given: Option<String>, name: &str| given.ok_or_else(|| missing(name));
        let one = |to: Value| match to {
            Value::Str(to) => Ok(to),
            _ => Err(missing("to")),
        };
        Ok(match &*kind {
            "copy" => Self::Copy {
                field: needed(field, "field")?,
                to: one(to)?,
            },
            "rename" => Self::Rename {
                field: needed(field, "field")?,
                to: one(to)?,
            },
            "convert" => Self::Convert {
                field: needed(field, "field")?,
                to_type: to_type.ok_or_else(|| missing("to_type"))?,
            },
            "default" => Self::Default {
                field: needed(field, "field")?,
                value,
            },
            "remove" => Self::Remove {
                field: needed(field, "field")?,
            },
            "split" => Self::Split {
                field: needed(field, "field")?,
                to: to.into_typed().map_err(|_| missing("to"))?,
                separator: separator
                    .filter(|text| !text.is_empty())
                    .ok_or_else(|| missing("separator"))?,
            },
            "merge" => Self::Merge {
                fields: fields.ok_or_else(|| missing("fields"))?,
                to: one(to)?,
                separator: separator.unwrap_or_else(|| " ".to_owned()),
            },
            "custom" => Self::Custom(function.ok_or_else(|| missing("fn"))?),
            other => {
                return Err(
                    error!(InvalidArgs, "no transformation is named '{other}'").hint(
                        "there are copy, rename, convert, default, remove, split, merge and custom",
                    ),
                );
            }
        })
    }
}

impl Transformation {
    /// Changes an item. Only a function of the script is waited for.
    ///
    /// - Errors: `InvalidArgs` for what cannot be converted; what a function raised.
    pub(super) async fn apply(
        &self,
        cx: &Cx,
        item: &mut Map,
        scope: &str,
        key: &str,
    ) -> Result<()> {
        let Self::Custom(function) = self else {
            return self.change(item);
        };
        let args = vec![Value::Map(item.clone()), key.into(), scope.into()];
        match function.call(cx, args).await? {
            Value::Null => {}
            Value::Map(new) => *item = new,
            Value::List(new) if new.is_empty() => item.clear(),
            other => bail!(
                InvalidArgs,
                "a custom transformation must return a map or nothing, got {}",
                other.type_name()
            ),
        }
        Ok(())
    }

    /// Returns whether it is a function of the script.
    pub(super) fn is_custom(&self) -> bool {
        matches!(self, Self::Custom(_))
    }

    /// Changes an item at once. A function of the script changes nothing here.
    pub(super) fn change(&self, item: &mut Map) -> Result<()> {
        match self {
            Self::Copy { field, to } => match field::get(item, field).cloned() {
                Some(value) => field::set(item, to, value),
                None => Ok(()),
            },
            Self::Rename { field, to } => match field::take(item, field) {
                Some(value) => field::set(item, to, value),
                None => Ok(()),
            },
            Self::Convert { field, to_type } => match field::get(item, field) {
                None | Some(Value::Null) => Ok(()),
                Some(value) => {
                    let converted = to_type.convert(value).ok_or_else(|| {
                        let (got, wanted) = (value.type_name(), to_type.name());
                        error!(
                            InvalidArgs,
                            "'{field}' cannot be converted from {got} to {wanted}"
                        )
                    })?;
                    field::set(item, field, converted)
                }
            },
            Self::Default { field, value } => match field::get(item, field) {
                None | Some(Value::Null) => field::set(item, field, value.clone()),
                Some(_) => Ok(()),
            },
            Self::Remove { field } => {
                field::take(item, field);
                Ok(())
            }
            Self::Split {
                field,
                to,
                separator,
            } => split(item, field, to, separator),
            Self::Merge {
                fields,
                to,
                separator,
            } => merge(item, fields, to, separator),
            Self::Custom(_) => Ok(()),
        }
    }
}

fn split(item: &mut Map, name: &str, to: &[String], separator: &str) -> Result<()> {
    let Some(value) = field::get(item, name) else {
        return Ok(());
    };
    let Value::Str(text) = value else {
        bail!(
            InvalidArgs,
            "'{name}' must be text to be split, got {}",
            value.type_name()
        );
    };
    let text = text.clone();
    field::take(item, name);
    for (to, part) in to.iter().zip(text.splitn(to.len().max(1), separator)) {
        field::set(item, to, part.into())?;
    }
    Ok(())
}

fn merge(item: &mut Map, fields: &[String], to: &str, separator: &str) -> Result<()> {
    let mut parts = Vec::new();
    for name in fields {
        let Some(value) = field::get(item, name).filter(|value| !value.is_null()) else {
            continue;
        };
        match Type::String.convert(value) {
            Some(Value::Str(part)) => parts.push(part),
            _ => bail!(
                InvalidArgs,
                "'{name}' cannot be merged, it is {}",
                value.type_name()
            ),
        }
    }
    if parts.is_empty() {
        return Ok(());
    }
    for name in fields {
        field::take(item, name);
    }
    field::set(item, to, parts.join(separator).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(written: serde_json::Value) -> Result<Transformation> {
        Transformation::try_from(Value::from(written))
    }

    fn changed(item: serde_json::Value, all: &[serde_json::Value]) -> Result<Value> {
        let mut item = Value::from(item).as_map().unwrap().clone();
        for written in all {
            read(written.clone())?.change(&mut item)?;
        }
        Ok(Value::Map(item))
    }

    #[track_caller]
    fn check(item: serde_json::Value, one: serde_json::Value, wanted: serde_json::Value) {
        assert_eq!(changed(item, &[one]).unwrap(), wanted.into());
    }

    #[test]
    fn what_each_does() {
        let copy = json!({"transform": "copy", "field": "a", "to": "b.c"});
        check(
            json!({"a": 1}),
            copy.clone(),
            json!({"a": 1, "b": {"c": 1}}),
        );
        check(json!({}), copy, json!({}));
        let rename = json!({"transform": "rename", "field": "a.b", "to": "c"});
        check(json!({"a": {"b": 1}}), rename, json!({"a": {}, "c": 1}));
        let default = json!({"transform": "default", "field": "a", "value": [1]});
        check(json!({}), default.clone(), json!({"a": [1]}));
        check(json!({"a": 2}), default, json!({"a": 2}));
        check(
            json!({"a": 2}),
            json!({"transform": "remove", "field": "a"}),
            json!({}),
        );
        let split = json!({"transform": "split", "field": "n", "to": ["x", "y"], "separator": " "});
        check(
            json!({"n": "a b c"}),
            split.clone(),
            json!({"x": "a", "y": "b c"}),
        );
        check(json!({"n": "a"}), split, json!({"x": "a"}));
        let merge = json!({"transform": "merge", "fields": ["x", "y", "z"], "to": "n"});
        check(
            json!({"x": "a", "z": 1}),
            merge.clone(),
            json!({"n": "a 1"}),
        );
        check(json!({}), merge, json!({}));
    }

    #[test]
    fn what_can_be_converted() {
        for (value, to, wanted) in [
            (json!("12"), "integer", json!(12)),
            (json!(3.0), "integer", json!(3)),
            (json!(true), "integer", json!(1)),
            (json!("1.5"), "number", json!(1.5)),
            (json!(1.5), "string", json!("1.5")),
            (json!(true), "string", json!("true")),
            (json!("Yes"), "boolean", json!(true)),
            (json!(0), "boolean", json!(false)),
            (json!("x"), "list", json!(["x"])),
            (json!(null), "integer", json!(null)),
        ] {
            let convert = json!({"transform": "convert", "field": "v", "to_type": to});
            check(json!({"v": value}), convert, json!({"v": wanted}));
        }
        for (value, to) in [
            (json!("x"), "integer"),
            (json!(1.5), "integer"),
            (json!("inf"), "number"),
            (json!([1]), "string"),
            (json!("maybe"), "boolean"),
            (json!({"a": 1}), "list"),
        ] {
            let convert = json!({"transform": "convert", "field": "v", "to_type": to});
            assert!(
                changed(json!({"v": value}), &[convert]).is_err(),
                "{value} {to}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (written, wanted) in [
            (
                json!({}),
                "a transformation needs `transform`, such as 'rename'",
            ),
            (
                json!({"transform": "what"}),
                "no transformation is named 'what'",
            ),
            (
                json!({"transform": "copy", "field": "a"}),
                "the transformation 'copy' needs `to`",
            ),
            (
                json!({"transform": "split", "field": "a", "to": ["b"]}),
                "the transformation 'split' needs `separator`",
            ),
            (
                json!({"transform": "custom"}),
                "the transformation 'custom' needs `fn`",
            ),
        ] {
            assert_eq!(read(written).unwrap_err().message(), wanted);
        }
    }

    proptest! {
        /// Steps that lose nothing lead back to the same item.
        #[test]
        fn there_and_back(name in "[a-z]{1,5}", words in prop::collection::vec("[a-z]{1,8}", 2..=2), number in any::<i32>()) {
            let item = json!({"full": words.join(" "), "n": number, "keep": {"x": name}});
            let there = [
                json!({"transform": "split", "field": "full", "to": ["p.first", "p.last"], "separator": " "}),
                json!({"transform": "rename", "field": "keep.x", "to": "kept"}),
                json!({"transform": "convert", "field": "n", "to_type": "string"}),
                json!({"transform": "copy", "field": "n", "to": "m"}),
            ];
            let back = [
                json!({"transform": "remove", "field": "m"}),
                json!({"transform": "convert", "field": "n", "to_type": "integer"}),
                json!({"transform": "rename", "field": "kept", "to": "keep.x"}),
                json!({"transform": "merge", "fields": ["p.first", "p.last"], "to": "full"}),
                json!({"transform": "remove", "field": "p"}),
            ];
            let all: Vec<_> = there.into_iter().chain(back).collect();
            let left = changed(item.clone(), &all).unwrap();
            prop_assert!(crate::state::same(&left, &item.into()));
        }
    }
}
