//! What a JSON Schema says about a value, as far as editors can use it.

use serde_json::Value as Json;

/// The type of a value, in no language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    String,
    /// Exactly this text, as JSON.
    Literal(String),
    /// A function, and what it is called with if that is known.
    Function(Option<Box<Type>>),
    /// An object of the run; its kind if that is known.
    Handle(Option<String>),
    List(Box<Type>),
    /// Free keys.
    Map(Box<Type>),
    Object(Vec<Member>),
    /// An object that is declared under a name.
    Named(Named),
    Union(Vec<Type>),
    /// Something that the prelude declares.
    Prelude(&'static str),
}

/// An object with a name; without members where it stands within itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) members: Vec<Member>,
    /// Whether it may have others.
    pub(super) open: bool,
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) required: bool,
    pub(super) default: Option<Json>,
    pub(super) of: Type,
}

impl Type {
    /// Reads a schema.
    pub(super) fn new(schema: &Json) -> Self {
        if let Some(name) = schema["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
        {
            // Its members are read where it is defined: it may contain itself.
            return Self::Named(Named {
                name: name.to_owned(),
                doc: String::new(),
                members: Vec::new(),
                open: false,
            });
        }
        if !schema["x-like"].is_null() {
            return Self::new(&schema["x-like"]);
        }
        if !schema["x-takes"].is_null() {
            return Self::Function(Some(Box::new(Self::new(&schema["x-takes"]))));
        }
        if let Some(kind) = schema["x-type"].as_str() {
            return match kind {
                "function" => Self::Function(None),
                _ => Self::Handle(None),
            };
        }
        let texts = schema["enum"].as_array().into_iter().flatten();
        let choices: Vec<Self> = texts
            .filter(|choice| choice.is_string())
            .map(|choice| Self::Literal(choice.to_string()))
            .collect();
        if !choices.is_empty() {
            let null = has_null(&schema["type"]).then_some(Self::Null);
            return Self::union(choices.into_iter().chain(null));
        }
        if schema["const"].is_string() {
            return Self::Literal(schema["const"].to_string());
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(parts) = schema[keyword].as_array() {
                return Self::union(parts.iter().map(Self::new));
            }
        }
        match &schema["type"] {
            Json::String(name) => Self::of_name(name, schema),
            Json::Array(names) => Self::union(
                names
                    .iter()
                    .filter_map(Json::as_str)
                    .map(|name| Self::of_name(name, schema)),
            ),
            _ => Self::Any,
        }
    }

    fn of_name(name: &str, schema: &Json) -> Self {
        match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::List(Box::new(Self::new(&schema["items"]))),
            "object" => Self::object(schema),
            _ => Self::Any,
        }
    }

    fn object(schema: &Json) -> Self {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let members: Vec<Member> = properties
            .map(|(name, schema)| Member {
                name: name.clone(),
                doc: schema["description"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                required: required.contains(&name.as_str()),
                default: schema.get("default").cloned(),
                of: Self::new(schema).undocumented(),
            })
            .collect();
        match (schema["title"].as_str(), members.is_empty()) {
            (Some(name), false) => Self::Named(Named {
                name: name.to_owned(),
                doc: schema["description"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                members,
                open: schema["additionalProperties"] == true,
            }),
            (None, false) => Self::Object(members),
            (_, true) => Self::Map(Box::new(match &schema["additionalProperties"] {
                values @ Json::Object(_) => Self::new(values),
                _ => Self::Any,
            })),
        }
    }

    /// Takes the documentation of a member off its type.
    fn undocumented(self) -> Self {
        match self {
            Self::Named(named) => Self::Named(Named {
                doc: String::new(),
                ..named
            }),
            other => other,
        }
    }

    /// Visits the objects in a schema that have a name, the inner ones first.
    pub(super) fn each_named(schema: &Json, visit: &mut impl FnMut(&Named)) {
        for (name, schema) in schema["$defs"].as_object().into_iter().flatten() {
            let mut definition = schema.clone();
            definition["title"] = name.as_str().into();
            Self::new(&definition).visit_named(visit);
        }
        Self::new(schema).visit_named(visit);
    }

    fn visit_named(&self, visit: &mut impl FnMut(&Named)) {
        match self {
            Self::List(inner) | Self::Map(inner) | Self::Function(Some(inner)) => {
                inner.visit_named(visit);
            }
            Self::Union(parts) => parts.iter().for_each(|part| part.visit_named(visit)),
            Self::Object(members) => members.iter().for_each(|m| m.of.visit_named(visit)),
            Self::Named(named) if !named.members.is_empty() => {
                named.members.iter().for_each(|m| m.of.visit_named(visit));
                visit(named);
            }
            _ => {}
        }
    }

    /// Joins alternatives, each once.
    fn union(parts: impl Iterator<Item = Self>) -> Self {
        let mut known: Vec<Self> = Vec::new();
        for part in parts {
            let parts = match part {
                Self::Union(parts) => parts,
                part => vec![part],
            };
            for part in parts {
                if !known.contains(&part) {
                    known.push(part);
                }
            }
        }
        match known.len() {
            _ if known.contains(&Self::Any) => Self::Any,
            0 => Self::Any,
            1 => known.remove(0),
            _ => Self::Union(known),
        }
    }

    /// Returns the type without null, for what may be absent.
    pub(super) fn present(self) -> Self {
        match self {
            Self::Union(parts) => Self::union(parts.into_iter().filter(|part| *part != Self::Null)),
            other => other,
        }
    }

    /// Says which kind the handles are that do not say it themselves.
    pub(super) fn of_kind(self, kind: Option<&str>) -> Self {
        match self {
            Self::Handle(None) => Self::Handle(kind.map(str::to_owned)),
            Self::List(items) => Self::List(Box::new(items.of_kind(kind))),
            Self::Union(parts) => {
                Self::Union(parts.into_iter().map(|part| part.of_kind(kind)).collect())
            }
            other => other,
        }
    }
}

fn has_null(types: &Json) -> bool {
    let mut names = types.as_array().into_iter().flatten();
    names.any(|name| name == "null")
}
