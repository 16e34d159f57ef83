//! Rules, and the many forms in which they are written.

use llmspell_core::{Error, Kind, Map, Result, Value, bail, error, nearest};
use regex::{Regex, RegexBuilder};

use super::format::{CUSTOM, DateFormat, FORMATS, Format};

/// The member that stands for a function of the script, with its number.
pub(super) const FUNCTION: &str = "$function";

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// The rules beside the formats, each with the fields that it takes.
const RULES: &[(&str, &[&str])] = &[
    ("required", &[]),
    ("type", &["expected"]),
    ("length", &["min", "max"]),
    ("range", &["min", "max", "exclusive"]),
    ("pattern", &["regex"]),
    ("enum", &["values"]),
    ("date", &["format"]),
    ("custom", &["name", "check"]),
    ("array", &["min_items", "max_items", "unique", "item_rules"]),
    (
        "object",
        &["properties", "required", "additional_properties"],
    ),
    ("compare", &["field", "operator"]),
    ("any_of", &["rules"]),
    ("all_of", &["rules"]),
    ("not", &["rules"]),
];

const TYPES: &[&str] = &[
    "null", "boolean", "number", "integer", "string", "array", "object",
];

/// The words for each comparison, the sign first.
const OPERATORS: &[&[&str]] = &[
    &["==", "eq", "equal", "=", "equals"],
    &["!=", "ne", "not_equal"],
    &["<", "lt", "less"],
    &["<=", "le", "lte"],
    &[">", "gt", "greater"],
    &[">=", "ge", "gte"],
];

/// One rule.
#[derive(Debug)]
pub(super) enum Rule {
    Required,
    Type(Vec<&'static str>),
    Length {
        min: Option<i64>,
        max: Option<i64>,
    },
    Range {
        min: Option<f64>,
        max: Option<f64>,
        exclusive: bool,
    },
    Pattern(Regex),
    Enum(Vec<Value>),
    Format(&'static Format),
    Date(DateFormat),
    /// A form by the rule name `custom`.
    Custom(&'static Format),
    /// A function of the script, by number.
    Function(i64),
    Array {
        min: Option<i64>,
        max: Option<i64>,
        unique: bool,
        items: Vec<Rule>,
    },
    Object(Object),
    Compare {
        field: String,
        operator: &'static str,
    },
    AnyOf(Vec<Vec<Rule>>),
    AllOf(Vec<Rule>),
    Not(Vec<Rule>),
}

/// The rules of an object's members.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) properties: Vec<(String, Vec<Rule>)>,
    pub(super) required: Vec<String>,
    pub(super) closed: bool,
    /// Whether it was written as `{field = rules}`, which is no rule of its own.
    pub(super) implied: bool,
}

/// Reads rules in any of their forms.
///
/// - Errors: `InvalidArgs` for an unknown rule or field, naming the nearest, and for values that a rule cannot have.
pub(super) fn read(value: &Value) -> Result<Vec<Rule>> {
    match value {
        Value::Str(text) => short(text).map(|rule| vec![rule]),
        Value::List(items) => Ok(items
            .iter()
            .map(read)
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect()),
        Value::Map(map) => match (map.get("type"), map.get("rules")) {
            (Some(Value::Str(name)), _) => named(name, map).map(|rule| vec![rule]),
            (None, Some(rules @ (Value::List(_) | Value::Str(_)))) if map.len() == 1 => read(rules),
            _ => Ok(vec![Rule::Object(Object {
                properties: properties(map)?,
                implied: true,
                ..Object::default()
            })]),
        },
        other => bail!(
            InvalidArgs,
            "a rule must be a name, an object or a list of them, got {}",
            other.type_name()
        ),
    }
}

/// Returns whether `schema` is one of the forms of rules rather than a JSON Schema.
pub(super) fn is_rules(schema: &Value) -> bool {
    const KEYWORDS: &[&str] = &[
        "$schema",
        "$ref",
        "$defs",
        "definitions",
        "type",
        "properties",
        "required",
        "items",
        "prefixItems",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minItems",
        "maxItems",
        "uniqueItems",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "dependentRequired",
        "contains",
        "title",
        "description",
        "$id",
        "$comment",
    ];
    const OWN: &[&str] = &[
        "item_rules",
        "min_items",
        "max_items",
        "additional_properties",
    ];
    let map = match schema {
        Value::List(items) => return !items.is_empty(),
        Value::Str(text) => return !text.trim_start().starts_with('{'),
        Value::Map(map) if map.is_empty() => return false,
        Value::Map(map) => map,
        _ => return false,
    };
    let own_type = map
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|name| !TYPES.contains(&name));
    let in_short = |rules: &Value| matches!(rules, Value::Str(_) | Value::List(_));
    let properties = map.get("properties").and_then(Value::as_map);
    own_type
        || matches!(map.get("rules"), Some(Value::List(_)))
        || map.keys().any(|name| OWN.contains(&name.as_str()))
        || properties.is_some_and(|properties| properties.values().any(in_short))
        || !map.keys().any(|name| KEYWORDS.contains(&name.as_str()))
}

fn properties(map: &Map) -> Result<Vec<(String, Vec<Rule>)>> {
    map.iter()
        .map(|(name, rules)| {
            Ok((
                name.to_string(),
                read(rules).map_err(|error| within(name, &error))?,
            ))
        })
        .collect()
}

/// Adds the name of a field to an error.
fn within(name: &str, error: &Error) -> Error {
    let outer = Error::new(
        error.kind(),
        format!("{} (in the rules of '{name:.40}')", error.message()),
    )
    .with("parameter", "rules");
    error
        .hints()
        .iter()
        .fold(outer, |outer, hint| outer.hint(hint.clone()))
}

fn unknown(name: &str) -> Error {
    let known = RULES
        .iter()
        .map(|(name, _)| *name)
        .chain(FORMATS.iter().map(|format| format.name))
        .chain(TYPES.iter().copied());
    let error = error!(InvalidArgs, "unknown rule '{name:.60}'").with("parameter", "rules");
    match nearest(name, known.clone()).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint(format!(
            "rules are: {}",
            known.collect::<Vec<_>>().join(", ")
        )),
    }
}

/// Reads a rule written as text: `email`, `range:1-5`, `enum:a,b`.
fn short(text: &str) -> Result<Rule> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name.trim(), Some(argument.trim())),
        None => (text.trim(), None),
    };
    let mut fields = Map::new();
    let Some(argument) = argument else {
        return named(name, &fields);
    };
    let mut bounds = |argument: &str| -> Result<()> {
        let (min, max) = split(argument).ok_or_else(|| {
            error!(
                InvalidArgs,
                "rule '{text:.60}' needs a range such as '{name}:1-5'"
            )
        })?;
        fields.extend(min.map(|min| ("min".to_owned(), min)));
        fields.extend(max.map(|max| ("max".to_owned(), max)));
        Ok(())
    };
    match name {
        "length" if argument.parse::<i64>().is_ok() => bounds(&format!("{argument}-{argument}"))?,
        "length" | "range" => bounds(argument)?,
        "pattern" => fields.extend([("regex".to_owned(), argument.into())]),
        "type" => fields.extend([("expected".to_owned(), argument.into())]),
        "date" => fields.extend([("format".to_owned(), argument.into())]),
        "custom" => fields.extend([("name".to_owned(), argument.into())]),
        "enum" => {
            let values: Vec<&str> = argument.split(',').map(str::trim).collect();
            fields.extend([("values".to_owned(), values.into())]);
        }
        known if known == "required" || FORMATS.iter().any(|format| format.name == known) => {
            bail!(InvalidArgs, "rule '{known}' takes no argument")
        }
        _ => return Err(unknown(name)),
    }
    named(name, &fields)
}

/// Splits `1-5`, `1..5`, `1,5`, `1-` or `..5`.
fn split(text: &str) -> Option<(Option<Value>, Option<Value>)> {
    let dash = || {
        text.char_indices().skip(1).find(|(at, letter)| {
            *letter == '-' && text[..*at].ends_with(|c: char| c.is_ascii_digit())
        })
    };
    let (min, max) = text
        .split_once("..")
        .or_else(|| text.split_once(','))
        .or_else(|| dash().map(|(at, _)| (&text[..at], &text[at + 1..])))?;
    let number = |text: &str| -> Option<Option<Value>> {
        match text.trim() {
            "" => Some(None),
            text => match text.parse::<i64>() {
                Ok(whole) => Some(Some(whole.into())),
                Err(_) => text.parse::<f64>().ok().map(|number| Some(number.into())),
            },
        }
    };
    let bounds = (number(min)?, number(max)?);
    (bounds.0.is_some() || bounds.1.is_some()).then_some(bounds)
}

/// Reads the rule of that name with these fields.
fn named(name: &str, map: &Map) -> Result<Rule> {
    let folded = name.trim().to_lowercase().replace('-', "_");
    if let Some(format) = FORMATS.iter().find(|format| format.name == folded) {
        fields(&folded, &[], map)?;
        return Ok(Rule::Format(format));
    }
    let Some((name, known)) = RULES.iter().find(|(known, _)| *known == folded) else {
        return match TYPES.iter().find(|known| **known == folded) {
            Some(expected) => fields(&folded, &[], map).map(|()| Rule::Type(vec![*expected])),
            None => Err(unknown(name)),
        };
    };
    fields(name, known, map)?;
    let fields = Fields { rule: name, map };
    match *name {
        "required" => Ok(Rule::Required),
        "type" => fields.types(),
        "length" => Ok(Rule::Length {
            min: fields.count("min")?,
            max: fields.count("max")?,
        }),
        "range" => Ok(Rule::Range {
            min: fields.number("min")?,
            max: fields.number("max")?,
            exclusive: fields.flag("exclusive")?.unwrap_or(false),
        }),
        "pattern" => fields.pattern(),
        "enum" => match fields.needed("values")? {
            Value::List(values) => Ok(Rule::Enum(values.clone())),
            single => Ok(Rule::Enum(vec![single.clone()])),
        },
        "date" => Ok(Rule::Date(match fields.text("format")? {
            Some(format) => DateFormat::read(format)?,
            None => DateFormat::default(),
        })),
        "custom" => fields.custom(),
        "array" => Ok(Rule::Array {
            min: fields.count("min_items")?,
            max: fields.count("max_items")?,
            unique: fields.flag("unique")?.unwrap_or(false),
            items: map
                .get("item_rules")
                .map(read)
                .transpose()?
                .unwrap_or_default(),
        }),
        "object" => fields.object(),
        "compare" => fields.compare(),
        "any_of" => match fields.needed("rules")? {
            Value::List(choices) => Ok(Rule::AnyOf(
                choices.iter().map(read).collect::<Result<_>>()?,
            )),
            single => Ok(Rule::AnyOf(vec![read(single)?])),
        },
        "all_of" => Ok(Rule::AllOf(read(fields.needed("rules")?)?)),
        _ => Ok(Rule::Not(read(fields.needed("rules")?)?)),
    }
}

fn fields(rule: &str, known: &[&str], map: &Map) -> Result<()> {
    let Some(wrong) = map
        .keys()
        .find(|name| *name != "type" && !known.contains(&name.as_str()))
    else {
        return Ok(());
    };
    let error =
        error!(InvalidArgs, "rule '{rule}' has no field '{wrong:.60}'").with("parameter", "rules");
    Err(match nearest(wrong, known.iter().copied()).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if known.is_empty() => error.hint("it takes no fields"),
        None => error.hint(format!("it takes: {}", known.join(", "))),
    })
}

/// The fields of one rule.
struct Fields<'a> {
    rule: &'a str,
    map: &'a Map,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn needed(&self, name: &str) -> Result<&'a Value> {
        self.get(name)
            .ok_or_else(|| error!(InvalidArgs, "rule '{}' needs the field '{name}'", self.rule))
    }

    fn wrong(&self, name: &str, expected: &str, got: &Value) -> Error {
        error!(
            InvalidArgs,
            "field '{name}' of rule '{}' must be {expected}, got {}",
            self.rule,
            got.type_name()
        )
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        self.get(name)
            .map(|value| read(value).ok_or_else(|| self.wrong(name, expected, value)))
            .transpose()
    }

    fn number(&self, name: &str) -> Result<Option<f64>> {
        self.typed(name, "a number", Value::as_float)
    }

    fn count(&self, name: &str) -> Result<Option<i64>> {
        self.typed(name, "a count", |value| {
            value.as_int().filter(|count| *count >= 0)
        })
    }

    fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>> {
        self.typed(name, "a string", Value::as_str)
    }

    fn types(&self) -> Result<Rule> {
        let expected = self.needed("expected")?;
        let names: Vec<&Value> = match expected {
            Value::List(names) => names.iter().collect(),
            single => vec![single],
        };
        let known = |name: &Value| {
            let name = name
                .as_str()
                .ok_or_else(|| self.wrong("expected", "the name of a type", name))?;
            TYPES
                .iter()
                .find(|known| **known == name.to_lowercase())
                .copied()
                .ok_or_else(|| {
                    error!(
                        InvalidArgs,
                        "unknown type '{name:.40}', expected one of: {}",
                        TYPES.join(", ")
                    )
                })
        };
        Ok(Rule::Type(
            names.into_iter().map(known).collect::<Result<_>>()?,
        ))
    }

    fn pattern(&self) -> Result<Rule> {
        let Some(pattern) = self.text("regex")? else {
            return self.needed("regex").map(|_| Rule::Required);
        };
        RegexBuilder::new(pattern)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build()
            .map(Rule::Pattern)
            .map_err(|failure| {
                let reason = failure.to_string();
                let reason = reason
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned();
                error!(
                    InvalidArgs,
                    "field 'regex' of rule 'pattern' cannot be used: {reason}"
                )
            })
    }

    fn custom(&self) -> Result<Rule> {
        if let Some(function) = self.get("check") {
            let number = function.get(FUNCTION).and_then(Value::as_int);
            return number
                .map(Rule::Function)
                .ok_or_else(|| self.wrong("check", "a function", function));
        }
        let Some(name) = self.text("name")? else {
            bail!(
                InvalidArgs,
                "rule 'custom' needs the field 'name' or 'check'"
            );
        };
        let format = FORMATS
            .iter()
            .find(|format| format.name == name && CUSTOM.contains(&name));
        format.map(Rule::Custom).ok_or_else(|| {
            Error::new(
                Kind::InvalidArgs,
                format!(
                    "unknown custom rule '{name:.40}', expected one of: {}",
                    CUSTOM.join(", ")
                ),
            )
            .hint("or give a function in the field 'check'")
        })
    }

    fn object(&self) -> Result<Rule> {
        let mut object = Object {
            closed: self.flag("additional_properties")? == Some(false),
            ..Object::default()
        };
        match self.get("properties") {
            Some(Value::Map(map)) => object.properties = properties(map)?,
            Some(Value::List(items)) if items.is_empty() => {}
            Some(other) => return Err(self.wrong("properties", "an object", other)),
            None => {}
        }
        if let Some(required) = self.get("required") {
            let names = required
                .as_list()
                .ok_or_else(|| self.wrong("required", "a list of names", required))?;
            for name in names {
                let name = name
                    .as_str()
                    .ok_or_else(|| self.wrong("required", "a list of names", name))?;
                object.required.push(name.to_owned());
            }
        }
        Ok(Rule::Object(object))
    }

    fn compare(&self) -> Result<Rule> {
        let Some(field) = self.text("field")? else {
            return self.needed("field").map(|_| Rule::Required);
        };
        let operator = self.text("operator")?.unwrap_or("==");
        let operator = crate::choice::choose("operator", operator, OPERATORS)?;
        Ok(Rule::Compare {
            field: field.to_owned(),
            operator,
        })
    }
}
