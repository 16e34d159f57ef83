//! The parameters of an op, read off its JSON Schema.

use std::collections::HashMap;
use std::marker::PhantomData;

use serde_json::Value as Json;

use crate::callback::Callback;
use crate::error::{Error, Kind, Result, nearest};
use crate::op::Op;
use crate::value::{Handle, Map, Name, Value};

/// The schema keyword under which a field lists further names that are accepted for it.
pub const SYNONYMS: &str = "x-synonyms";

/// The schema keyword under which a field lists further texts that are accepted, each with the choice that it means.
pub const OTHER_CHOICES: &str = "x-other-choices";

/// The schema keyword that says how a table in the place of another parameter is called, for complaints about its
/// members.
pub const MEANS: &str = "x-means";

/// One parameter.
#[derive(Clone, Debug)]
pub struct Field {
    /// Canonical name, snake_case.
    pub name: String,
    /// Names that mean the same.
    pub synonyms: Vec<String>,
    /// Documentation.
    pub doc: String,
    /// Whether it must be given.
    pub required: bool,
    /// Accepted JSON types; empty accepts anything.
    pub types: Vec<String>,
    /// Accepted texts, if the parameter is an enumeration.
    pub choices: Vec<String>,
    /// Further texts that are accepted, each with the choice that it means.
    pub other_choices: Vec<(String, String)>,
    /// The default as the schema states it.
    pub default: Option<Json>,
    /// The members of a table, if the schema lists them.
    pub members: Option<Shape>,
    /// How a table here is called, if not by the name.
    pub means: Option<String>,
    /// The whole schema of the field.
    pub schema: Json,
}

/// The parameters of an op in the order of its argument struct.
#[derive(Clone, Debug)]
pub struct Shape {
    doc: String,
    fields: Vec<Field>,
    /// How many fields must be given.
    required: usize,
    open: bool,
    schema: Json,
}

impl Shape {
    /// Reads the parameters off the schema of an object. A schema of another form has no parameters and is open.
    pub fn new(schema: Json) -> Self {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let properties = schema["properties"].as_object();
        let fields = properties
            .into_iter()
            .flatten()
            .map(|(name, schema)| Field {
                name: name.clone(),
                synonyms: texts(&schema[SYNONYMS]),
                doc: schema["description"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                required: required.contains(&name.as_str()),
                types: types(schema),
                choices: choices(schema),
                other_choices: other_choices(schema),
                default: schema.get("default").cloned(),
                members: members(schema),
                means: schema[MEANS].as_str().map(str::to_owned),
                schema: schema.clone(),
            });
        let fields: Vec<Field> = fields.collect();
        Self {
            required: fields.iter().filter(|field| field.required).count(),
            doc: schema["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            open: properties.is_none()
                && schema["type"] != "null"
                && schema["additionalProperties"] != false,
            fields,
            schema: schema.clone(),
        }
    }

    /// Returns the documentation of the argument struct.
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// Returns the parameters.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Returns the field of that name or synonym.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let by_name = self.fields.iter().find(|field| field.name == name);
        by_name.or_else(|| {
            self.fields
                .iter()
                .find(|field| field.synonyms.iter().any(|synonym| synonym == name))
        })
    }

    /// Returns the JSON Schema with canonical names only.
    pub fn json_schema(&self) -> Json {
        let mut schema = self.schema.clone();
        strip_synonyms(&mut schema);
        if schema["type"] == "object" && schema.get("properties").is_none() {
            schema["properties"] = Json::Object(serde_json::Map::new());
        }
        schema
    }

    pub(crate) fn prepare(&self, op: &Op, args: Value) -> Result<(Value, Vec<String>)> {
        let strict = op.tool_info().is_some();
        let args = match args {
            Value::Null => Map::new(),
            Value::List(items) if items.is_empty() => Map::new(),
            Value::Map(args) => args,
            other if self.fields.is_empty() && self.open => return Ok((other, Vec::new())),
            other => {
                return Err(invalid(
                    op,
                    format!("expected a table of parameters, got {}", other.type_name()),
                ));
            }
        };
        if self.fits(&args, strict) {
            return Ok((Value::Map(args), Vec::new()));
        }
        let mut warnings = Vec::new();
        let args = if self.is_canonical(&args) {
            args
        } else {
            self.rename(op, args, None, strict, &mut warnings)?
        };
        let mut prepared = args;
        for field in &self.fields {
            match prepared.get_mut(&field.name) {
                Some(Value::Null) => {
                    prepared.shift_remove(&field.name);
                }
                Some(value) => {
                    field.check(op, value, strict)?;
                    if !strict {
                        let place = field.means.as_deref().unwrap_or(&field.name);
                        field.rename_members(op, value, place, &mut warnings)?;
                    }
                }
                None => {}
            }
            if field.required && !prepared.contains_key(&field.name) {
                return Err(missing(op, field));
            }
        }
        Ok((Value::Map(prepared), warnings))
    }

    /// Returns whether nothing is to be renamed, converted, left out or complained of, as of most arguments.
    fn fits(&self, args: &Map, strict: bool) -> bool {
        let mut required = 0;
        for (name, value) in args {
            let field = self
                .fields
                .iter()
                .find(|field| field.name.as_bytes() == name.as_bytes());
            let Some(field) = field.filter(|field| strict || field.members.is_none()) else {
                return false;
            };
            if value.is_null() || !(field.types.is_empty() || field.accepts(value)) {
                return false;
            }
            if let (Some(shape), Value::Map(table)) = (&field.members, value)
                && !shape.accepts(table)
            {
                return false;
            }
            required += usize::from(field.required);
        }
        required == self.required
    }

    /// Returns whether the members of a table have their types, as far as they are known.
    fn accepts(&self, table: &Map) -> bool {
        table.iter().all(|(name, value)| {
            let field = self.fields.iter().find(|field| field.name == *name);
            field.is_none_or(|field| field.types.is_empty() || field.accepts(value))
        })
    }

    fn is_canonical(&self, args: &Map) -> bool {
        args.keys()
            .all(|name| self.fields.iter().any(|field| field.name == *name))
    }

    /// Maps synonyms and camelCase to canonical names and deals with unknown ones. `table` is where the arguments stand
    /// if they are members of another one.
    fn rename(
        &self,
        op: &Op,
        args: Map,
        table: Option<&str>,
        strict: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Map> {
        let mut renamed = Map::with_capacity(args.len());
        // How the fields were written that stand in `renamed`.
        let mut spelling: HashMap<&str, Name> = HashMap::new();
        for (name, value) in args {
            let field = self.field(&name).or_else(|| self.field(&snake_case(&name)));
            let Some(field) = field else {
                if self.open || op.is_open() {
                    renamed.insert(name, value);
                } else {
                    let complaint = self.unknown(op, &name, table);
                    if strict {
                        return Err(complaint);
                    }
                    let hints = complaint
                        .hints()
                        .iter()
                        .map(|hint| format!(" ({hint})"))
                        .collect::<String>();
                    warnings.push(format!("{}{hints}", complaint.message_alone()));
                }
                continue;
            };
            match renamed.get(&field.name) {
                Some(Value::Null) | None => {
                    renamed.insert(field.name.as_str(), value);
                    spelling.insert(&field.name, name);
                }
                Some(_) if value.is_null() => {}
                Some(present) if strict && *present != value => {
                    let own = field.name.as_str();
                    let before = spelling.get(own).map_or(own, Name::as_str);
                    let other = if name == own { before } else { name.as_str() };
                    return Err(given_twice(own, other).op(op.name()));
                }
                Some(_) if field.name == name => {
                    renamed.insert(name, value);
                }
                Some(_) => {}
            }
        }
        Ok(renamed)
    }

    fn unknown(&self, op: &Op, name: &str, table: Option<&str>) -> Error {
        let names: Vec<&str> = self
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let synonyms = self.fields.iter().flat_map(|field| &field.synonyms);
        let synonyms: Vec<&str> = synonyms.map(String::as_str).collect();
        unknown_parameter(table, name, &names, &synonyms).op(op.name())
    }
}

impl Op {
    /// Returns the JSON Schema of the arguments as models get it: canonical names only, and where the op refuses
    /// parameters that it does not know, no others.
    pub fn json_schema(&self) -> Json {
        let shape = self.shape();
        let mut schema = shape.json_schema();
        let refuses = self.tool_info().is_some() && !shape.open && !self.is_open();
        if let Some(schema) = schema.as_object_mut()
            && refuses
            && !schema.contains_key("additionalProperties")
        {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
        schema
    }
}

impl Field {
    /// Returns the type in one word or phrase, as errors and listings name it.
    pub fn type_name(&self) -> String {
        match self.types.len() {
            0 => "any".to_owned(),
            _ => self.types.join(" or "),
        }
    }

    fn check(&self, op: &Op, value: &mut Value, strict: bool) -> Result<()> {
        if strict {
            self.convert(value);
        }
        if self.types.is_empty() || self.accepts(value) {
            return Ok(());
        }
        let (expected, got) = (self.type_name(), value.type_name());
        let shown = if matches!(
            value,
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)
        ) {
            format!(" ({value:.40})")
        } else {
            String::new()
        };
        Err(invalid(
            op,
            format!(
                "parameter '{}' must be {expected}, got {got}{shown}",
                self.name
            ),
        )
        .with("parameter", self.name.as_str())
        .with("expected", expected)
        .with("got", got))
    }

    /// Treats the members of a table as the arguments themselves are treated.
    fn rename_members(
        &self,
        op: &Op,
        value: &mut Value,
        place: &str,
        warnings: &mut Vec<String>,
    ) -> Result<()> {
        let (Some(shape), Value::Map(table)) = (&self.members, value) else {
            return Ok(());
        };
        if !shape.is_canonical(table) {
            *table = shape.rename(op, std::mem::take(table), Some(place), false, warnings)?;
        }
        for field in &shape.fields {
            if let Some(value) = table.get_mut(&field.name) {
                let place = format!("{place}.{}", field.name);
                field.rename_members(op, value, &place, warnings)?;
            }
        }
        Ok(())
    }

    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.types.iter().any(|name| match (name.as_str(), value) {
            ("string", Value::Str(_) | Value::Bytes(_)) => true,
            ("boolean", Value::Bool(_))
            | ("null", Value::Null)
            | ("number", Value::Int(_) | Value::Float(_)) => true,
            ("integer", value) => value.as_int().is_some(),
            ("array", Value::List(_)) | ("object", Value::Map(_) | Value::Handle(_)) => true,
            ("array", Value::Map(map)) => map.is_empty(),
            ("object", Value::List(list)) => list.is_empty(),
            _ => false,
        })
    }
}

/// Returns the error for a parameter that is not known, or for a member of the parameter `table`. The sentence ends
/// with the hint that names the nearest of the known names; where none is near, a hint lists them.
pub fn unknown_parameter(
    table: Option<&str>,
    name: &str,
    known: &[&str],
    synonyms: &[&str],
) -> Error {
    let suggestions = nearest(name, known.iter().chain(synonyms).copied());
    let place = table.map_or(String::new(), |table| format!("{table}."));
    let message = format!("unknown parameter '{place}{name}'");
    let (message, hint) = match (suggestions.first(), known) {
        (Some(first), _) => {
            let hint = format!("did you mean '{first}'?");
            (format!("{message} ({hint})"), hint)
        }
        (None, []) => (message, "it takes no parameters".to_owned()),
        (None, known) => (message, format!("it takes: {}", known.join(", "))),
    };
    let listed: Value = suggestions.iter().map(|&name| Value::from(name)).collect();
    Error::new(Kind::InvalidArgs, message)
        .with("parameter", format!("{place}{name}"))
        .with("suggestions", listed)
        .hint(hint)
}

/// Returns the error for two parameters that mean the same, given with different values. `one` is the canonical name.
pub fn given_twice(one: &str, other: &str) -> Error {
    let message = format!("'{one}' and '{other}' mean the same and differ");
    Error::new(Kind::InvalidArgs, message)
        .with("parameter", one)
        .hint("give one of them")
        .misshapen()
}

fn invalid(op: &Op, message: String) -> Error {
    Error::new(Kind::InvalidArgs, message).op(op.name())
}

fn missing(op: &Op, field: &Field) -> Error {
    let error = invalid(
        op,
        format!(
            "Missing required parameter '{}' for {}",
            field.name,
            op.verb()
        ),
    )
    .with("parameter", field.name.as_str())
    .with("expected", field.type_name());
    if field.doc.is_empty() {
        error
    } else {
        error.hint(format!("{}: {}", field.name, field.doc))
    }
}

/// Turns `maxTokens` into `max_tokens`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn texts(list: &Json) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Collects the accepted types of a schema, looking through alternatives. Empty means anything.
pub(crate) fn types(schema: &Json) -> Vec<String> {
    let mut found = match &schema["type"] {
        Json::String(name) => vec![name.clone()],
        Json::Array(_) => texts(&schema["type"]),
        _ => Vec::new(),
    };
    for keyword in ["anyOf", "oneOf"] {
        for part in schema[keyword].as_array().into_iter().flatten() {
            let inner = types(part);
            if inner.is_empty() {
                return Vec::new();
            }
            found.extend(inner);
        }
    }
    if found.is_empty()
        && schema["enum"]
            .as_array()
            .is_some_and(|choices| choices.iter().all(Json::is_string))
    {
        found.push("string".to_owned());
    }
    if found.is_empty() && schema["const"].is_string() {
        found.push("string".to_owned());
    }
    found.retain(|name| name != "null");
    found.dedup();
    found
}

/// Returns the members of a table, looking through alternatives such as null.
fn members(schema: &Json) -> Option<Shape> {
    if schema["properties"].is_object() {
        return Some(Shape::new(schema.clone()));
    }
    ["anyOf", "oneOf"]
        .into_iter()
        .flat_map(|keyword| schema[keyword].as_array().into_iter().flatten())
        .find_map(members)
}

fn choices(schema: &Json) -> Vec<String> {
    let mut found = texts(&schema["enum"]);
    found.extend(schema["const"].as_str().map(str::to_owned));
    for keyword in ["anyOf", "oneOf"] {
        found.extend(
            schema[keyword]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(choices),
        );
    }
    found
}

fn other_choices(schema: &Json) -> Vec<(String, String)> {
    let others = schema[OTHER_CHOICES].as_object().into_iter().flatten();
    others
        .filter_map(|(other, choice)| Some((other.clone(), choice.as_str()?.to_owned())))
        .collect()
}

fn strip_synonyms(schema: &mut Json) {
    match schema {
        Json::Object(members) => {
            members.shift_remove(SYNONYMS);
            members.shift_remove(OTHER_CHOICES);
            members.shift_remove(MEANS);
            members.values_mut().for_each(strip_synonyms);
        }
        Json::Array(items) => items.iter_mut().for_each(strip_synonyms),
        _ => {}
    }
}

macro_rules! free_schema {
    ($type:ty, $name:literal) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                free($name)
            }
        }
    };
}

fn free(name: &str) -> schemars::Schema {
    match name {
        "any" => schemars::json_schema!(true),
        // As an alternative, so that null can be another one.
        _ => schemars::json_schema!({ "anyOf": [{ "x-type": name }] }),
    }
}

/// Stands for a plain value in a schema: editors are told that it looks like `T`, nothing is checked.
///
/// ```ignore
/// #[schemars(with = "Like<Question>")]
/// input: Value,
/// ```
pub struct Like<T>(PhantomData<T>);

/// Stands for a [`Callback`] in a schema: editors are told that it is called with a `T`.
pub struct Takes<T>(PhantomData<T>);

macro_rules! told_to_editors {
    ($type:ident, $keyword:literal) => {
        impl<T: schemars::JsonSchema> schemars::JsonSchema for $type<T> {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                format!("{}_{}", stringify!($type), T::schema_name()).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let told = generator.subschema_for::<T>();
                schemars::json_schema!({ "anyOf": [{ $keyword: told }] })
            }
        }
    };
}

told_to_editors!(Like, "x-like");
told_to_editors!(Takes, "x-takes");

free_schema!(Value, "any");
free_schema!(Handle, "handle");
free_schema!(Callback, "function");
