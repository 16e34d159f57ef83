//! `uuid_generator`: makes, reads and checks identifiers.

mod moment;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Map, Op, Outcome, Result, ToolInfo, Value, given_twice};
use schemars::JsonSchema;
use serde::Deserialize;
use ulid::Ulid;
use uuid::{Builder, Uuid, Variant, Version};

use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, names, refused, within};

const OPERATIONS: &[&[&str]] = &[
    &["generate", "uuid", "v1", "v3", "v4", "v5", "v6", "v7"],
    &["component_id"],
    &["deterministic"],
    &["custom"],
    &["validate", "is_valid"],
    &["parse", "info"],
];

const VERSIONS: &[&[&str]] = &[
    &["v4", "4"],
    &["v1", "1"],
    &["v3", "3"],
    &["v5", "5"],
    &["v6", "6"],
    &["v7", "7"],
    &["nil"],
    &["max"],
    &["ulid"],
    &["nanoid"],
];

const FORMATS: &[&[&str]] = &[
    &["hyphenated", "standard"],
    &["simple"],
    &["urn"],
    &["braced"],
];

const NAMESPACES: &[(&str, Uuid)] = &[
    ("dns", Uuid::NAMESPACE_DNS),
    ("url", Uuid::NAMESPACE_URL),
    ("oid", Uuid::NAMESPACE_OID),
    ("x500", Uuid::NAMESPACE_X500),
    (
        "agent",
        Uuid::from_u128(0x6ba13d5a_3f5d_4a5b_9f7e_3d5a2f4d3a2b),
    ),
    (
        "tool",
        Uuid::from_u128(0x7cb24e6b_4f6e_5b6c_af8f_4e6b3f5e4b3c),
    ),
    (
        "workflow",
        Uuid::from_u128(0x8dc35f7c_5f7f_6c7d_bf9f_5f7c4f6f5c4d),
    ),
];

const NANOID: &[u8; 64] = b"useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";

pub(super) fn op() -> Op {
    Op::new("uuid_generator", uuid_generator)
        .effect(Effect::Read)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("utility")
                .example("Makes identifiers", r#"{"version": "v7", "count": 3}"#)
                .example(
                    "Derives one from a name",
                    r#"{"operation": "deterministic", "name": "planner", "namespace": "agent"}"#,
                )
                .timeout(Duration::from_secs(1))
                .operations(&names(OPERATIONS))
                .needs(&["deterministic"], &["name"])
                .needs(&["validate", "parse"], &["uuid", "input"]),
        )
}

/// Makes, reads and checks identifiers: UUIDs of every version, ULIDs and nano ids.
///
/// `generate` makes one or several, `component_id` and `custom` add a prefix, `deterministic` derives one from a
/// name, `validate` and `parse` look at a given one.
#[derive(Deserialize, JsonSchema)]
struct UuidGenerator {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "generate"))]
    operation: Option<String>,
    /// Kind of identifier to generate; v3 and v5 are derived from `name`.
    #[schemars(transform = choices(VERSIONS), extend("type" = ["string", "integer"], "default" = "v4"))]
    version: Option<Value>,
    /// How a UUID is written.
    #[schemars(transform = choices(FORMATS), extend("default" = "hyphenated"))]
    format: Option<String>,
    /// Namespace of derived ids: `dns`, `url`, `oid`, `x500`, `agent`, `tool`, `workflow` or any UUID.
    namespace: Option<String>,
    /// Name from which v3, v5 and deterministic ids are derived.
    name: Option<String>,
    /// How many to generate.
    #[schemars(range(min = 1, max = 10_000), extend("default" = 1))]
    count: Option<i64>,
    /// Text before a component or custom id.
    prefix: Option<String>,
    /// Text after a custom id.
    suffix: Option<String>,
    /// Whether a custom id contains the time in milliseconds since 1970.
    #[schemars(extend("default" = false))]
    timestamp: Option<bool>,
    /// Whether the random part is 8 hexadecimal digits instead of a whole UUID.
    #[schemars(extend("default" = false))]
    short: Option<bool>,
    /// The identifier to validate or parse.
    uuid: Option<String>,
    /// The version for `generate`, the identifier for `validate` and `parse`.
    #[schemars(extend("type" = ["string", "integer"]))]
    input: Option<Value>,
}

fn effect_of(args: &Value) -> Effect {
    let text = |name| args.get(name).map(plain).unwrap_or_default();
    let operation = choose_or_first(
        "operation",
        args.get("operation").and_then(Value::as_str),
        OPERATIONS,
    );
    let asked = [text("operation"), text("version"), text("input")];
    let derived = |name: &String| {
        let version = choose("version", name, VERSIONS).unwrap_or_default();
        matches!(version, "v3" | "v5" | "nil" | "max")
    };
    match operation {
        Ok("generate") if asked.iter().any(derived) => Effect::Pure,
        Ok("deterministic" | "validate" | "parse") => Effect::Pure,
        _ => Effect::Read,
    }
}

async fn uuid_generator(cx: Cx, call: Given<UuidGenerator>) -> Result<Outcome> {
    let a = &call.args;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let (used, outcome) = match operation {
        "generate" => (
            "version format namespace name count input",
            generate(&cx, a)?,
        ),
        "component_id" => ("prefix short", component_id(&cx, a)?),
        "deterministic" => ("name namespace", deterministic(a)?),
        "custom" => ("prefix suffix timestamp short", custom(&cx, a)?),
        "validate" => ("uuid input", validate(a)?),
        _ => ("uuid input", parse(a)?),
    };
    Ok(call.warn(op, used, outcome))
}

fn generate(cx: &Cx, a: &UuidGenerator) -> Result<Outcome> {
    let version = version(a)?;
    let format = choose_or_first("format", a.format.as_deref(), FORMATS)?;
    let count = within("count", a.count.unwrap_or(1), 1..=10_000)?;
    let derived_from = match version {
        "v3" | "v5" => {
            let name = a.name.as_deref().ok_or_else(|| {
                missing("uuid_generator", "generate", "name")
                    .hint(format!("{version} derives the id from a name"))
            })?;
            Some((namespace(a.namespace.as_deref().unwrap_or("dns"))?, name))
        }
        _ => None,
    };
    let mut ids = Vec::with_capacity(count);
    for made in 0..count {
        if made % 1_000 == 999 {
            cx.check()?;
        }
        ids.push(match (version, derived_from) {
            ("ulid", _) => Ulid::from_parts(moment::millis(cx), random_u128(cx)).to_string(),
            ("nanoid", _) => nanoid(cx),
            (_, Some((space, name))) if version == "v3" => {
                written(Uuid::new_v3(&space, name.as_bytes()), format)
            }
            (_, Some((space, name))) => written(Uuid::new_v5(&space, name.as_bytes()), format),
            ("v1", _) => written(moment::v1(cx), format),
            ("v6", _) => written(moment::v6(cx), format),
            ("v7", _) => written(moment::v7(cx), format),
            ("nil", _) => written(Uuid::nil(), format),
            ("max", _) => written(Uuid::max(), format),
            _ => written(random_uuid(cx), format),
        });
    }
    let first = ids.first().cloned().unwrap_or_default();
    let output = match count {
        1 => Value::from(first.as_str()),
        _ => Value::from(ids.clone()),
    };
    let data = data([
        ("uuid", first.as_str().into()),
        ("uuids", ids.into()),
        ("version", version.into()),
        ("format", format.into()),
        ("value", first.into()),
    ]);
    let message = format!(
        "Generated {count} {version} id{}",
        if count == 1 { "" } else { "s" }
    );
    let outcome = Outcome::new("generate", data)
        .output(output)
        .message(message);
    Ok(match version {
        "ulid" | "nanoid" if format != "hyphenated" => {
            outcome.warning(format!("format '{format}' does not apply to {version}"))
        }
        _ => outcome,
    })
}

/// Returns the version that the parameters or the operation's own name ask for.
fn version(a: &UuidGenerator) -> Result<&'static str> {
    let read = |given: &Option<Value>| match given {
        Some(given) => choose("version", &plain(given), VERSIONS).map(Some),
        None => Ok(None),
    };
    let asked = same(("version", read(&a.version)?), ("input", read(&a.input)?))?;
    let named = a
        .operation
        .as_deref()
        .and_then(|operation| choose("version", operation, VERSIONS).ok());
    match (asked, named) {
        (Some(asked), Some(named)) if asked != named => Err(refused(
            "version",
            format!("operation '{named}' and version '{asked}' differ"),
        )),
        (asked, named) => Ok(asked.or(named).unwrap_or("v4")),
    }
}

fn component_id(cx: &Cx, a: &UuidGenerator) -> Result<Outcome> {
    let prefix = a.prefix.as_deref().unwrap_or("component");
    let short = a.short.unwrap_or(false);
    let id = join(&[prefix, &random_part(cx, short)]);
    let data = data([
        ("id", id.as_str().into()),
        ("uuid", id.as_str().into()),
        ("value", id.as_str().into()),
        ("prefix", prefix.into()),
        ("short", short.into()),
    ]);
    Ok(Outcome::new("component_id", data)
        .message(format!("Made id {id}"))
        .output(id))
}

fn deterministic(a: &UuidGenerator) -> Result<Outcome> {
    let name = a
        .name
        .as_deref()
        .ok_or_else(|| missing("uuid_generator", "deterministic", "name"))?;
    let space = namespace(a.namespace.as_deref().unwrap_or("agent"))?;
    let id = Uuid::new_v5(&space, name.as_bytes()).to_string();
    let data = data([
        ("id", id.as_str().into()),
        ("uuid", id.as_str().into()),
        ("value", id.as_str().into()),
        ("namespace", space.to_string().into()),
        ("name", name.into()),
    ]);
    Ok(Outcome::new("deterministic", data)
        .message(format!("Derived {id}"))
        .output(id))
}

fn custom(cx: &Cx, a: &UuidGenerator) -> Result<Outcome> {
    let short = a.short.unwrap_or(false);
    let time = a.timestamp.unwrap_or(false).then(|| moment::millis(cx));
    let id = join(&[
        a.prefix.as_deref().unwrap_or_default(),
        &time.map(|time| time.to_string()).unwrap_or_default(),
        &random_part(cx, short),
        a.suffix.as_deref().unwrap_or_default(),
    ]);
    let data = data([
        ("id", id.as_str().into()),
        ("uuid", id.as_str().into()),
        ("value", id.as_str().into()),
        ("timestamp", time.into()),
        ("short", short.into()),
    ]);
    Ok(Outcome::new("custom", data)
        .message(format!("Made id {id}"))
        .output(id))
}

fn validate(a: &UuidGenerator) -> Result<Outcome> {
    let text = subject(a, "validate")?;
    let read = read(&text);
    let valid = read.is_ok();
    let (version, variant, error) = match &read {
        Ok(id) => (id.version(), id.variant(), Value::Null),
        Err(error) => (Value::Null, Value::Null, error.as_str().into()),
    };
    let data = data([
        ("valid", valid.into()),
        ("uuid", text.as_str().into()),
        ("version", version),
        ("variant", variant),
        ("error", error),
    ]);
    let message = if valid {
        "The identifier is valid"
    } else {
        "The identifier is not valid"
    };
    Ok(Outcome::new("validate", data)
        .output(valid)
        .message(message))
}

fn parse(a: &UuidGenerator) -> Result<Outcome> {
    let text = subject(a, "parse")?;
    let id = read(&text).map_err(|error| {
        llmspell_core::error!(Parse, "'{text:.60}' is not an identifier: {error}")
            .with("parameter", "uuid")
    })?;
    let uuid = id.uuid();
    let node = uuid
        .get_node_id()
        .filter(|_| matches!(id, Id::Uuid(_)))
        .map(|node| node.map(|byte| format!("{byte:02x}")).join(":"));
    let shown = match id {
        Id::Uuid(uuid) => uuid.to_string(),
        Id::Ulid(ulid) => ulid.to_string(),
    };
    let data = data([
        ("uuid", shown.into()),
        ("version", id.version()),
        ("variant", id.variant()),
        ("timestamp", moment::written(id.millis()).into()),
        ("node", node.into()),
        ("hex", uuid.simple().to_string().into()),
        (
            "bytes",
            uuid.as_bytes()
                .iter()
                .map(|&byte| Value::from(byte))
                .collect(),
        ),
        ("urn", uuid.urn().to_string().into()),
    ]);
    Ok(Outcome::new("parse", data).message("Parsed the identifier"))
}

/// An identifier that was read.
#[derive(Clone, Copy)]
enum Id {
    Uuid(Uuid),
    Ulid(Ulid),
}

impl Id {
    fn uuid(self) -> Uuid {
        match self {
            Self::Uuid(uuid) => uuid,
            Self::Ulid(ulid) => Uuid::from_bytes(ulid.to_bytes()),
        }
    }

    fn version(self) -> Value {
        let Self::Uuid(uuid) = self else {
            return "ulid".into();
        };
        match uuid.get_version() {
            Some(Version::Nil) => "nil".into(),
            Some(Version::Max) => "max".into(),
            _ => match (uuid.get_variant(), uuid.get_version_num()) {
                (Variant::RFC4122, number @ 1..=8) => format!("v{number}").into(),
                _ => Value::Null,
            },
        }
    }

    fn variant(self) -> Value {
        match self {
            Self::Ulid(_) => Value::Null,
            Self::Uuid(uuid) => match uuid.get_variant() {
                Variant::NCS => "NCS".into(),
                Variant::RFC4122 => "RFC4122".into(),
                Variant::Microsoft => "Microsoft".into(),
                _ => "Future".into(),
            },
        }
    }

    /// Returns the time inside, in milliseconds since 1970.
    fn millis(self) -> Option<i64> {
        match self {
            Self::Ulid(ulid) => i64::try_from(ulid.timestamp_ms()).ok(),
            Self::Uuid(uuid) => moment::of(uuid),
        }
    }
}

fn read(text: &str) -> Result<Id, String> {
    let text = text.trim();
    if text.len() == 26 {
        return Ulid::from_string(text)
            .map(Id::Ulid)
            .map_err(|error| error.to_string());
    }
    Uuid::try_parse(text)
        .map(Id::Uuid)
        .map_err(|error| error.to_string())
}

fn subject(a: &UuidGenerator, operation: &str) -> Result<String> {
    let input = a.input.as_ref().map(plain);
    let given = same(("uuid", a.uuid.clone()), ("input", input))?;
    given.ok_or_else(|| missing("uuid_generator", operation, "uuid"))
}

/// Returns the value of two parameters that mean the same.
///
/// - Errors: `InvalidArgs` naming both if they differ.
fn same<T: PartialEq>(
    (parameter, value): (&'static str, Option<T>),
    (synonym, other): (&str, Option<T>),
) -> Result<Option<T>> {
    match (value, other) {
        (Some(value), Some(other)) if value != other => Err(given_twice(parameter, synonym)),
        (value, other) => Ok(value.or(other)),
    }
}

fn namespace(given: &str) -> Result<Uuid> {
    let known = NAMESPACES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(given.trim()))
        .map(|(_, uuid)| *uuid);
    known
        .or_else(|| Uuid::try_parse(given.trim()).ok())
        .ok_or_else(|| {
            let listed: Vec<&str> = NAMESPACES.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "unknown namespace '{given}', expected a UUID or one of: {}",
                listed.join(", ")
            );
            refused("namespace", message)
        })
}

fn written(uuid: Uuid, format: &str) -> String {
    match format {
        "simple" => uuid.simple().to_string(),
        "urn" => uuid.urn().to_string(),
        "braced" => uuid.braced().to_string(),
        _ => uuid.hyphenated().to_string(),
    }
}

fn random_uuid(cx: &Cx) -> Uuid {
    let mut bytes = [0; 16];
    cx.host().random.fill(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

fn random_u128(cx: &Cx) -> u128 {
    let mut bytes = [0; 16];
    cx.host().random.fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

fn random_part(cx: &Cx, short: bool) -> String {
    if short {
        let mut bytes = [0; 4];
        cx.host().random.fill(&mut bytes);
        return bytes.map(|byte| format!("{byte:02x}")).concat();
    }
    random_uuid(cx).to_string()
}

fn nanoid(cx: &Cx) -> String {
    let mut bytes = [0; 21];
    cx.host().random.fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(NANOID[usize::from(byte & 63)]))
        .collect()
}

fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("_")
}

/// Returns a text or number as text.
fn plain(value: &Value) -> String {
    match (value.as_str(), value.as_int()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        (None, None) => value.to_string(),
    }
}

fn data<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(Map::from(members))
}

#[cfg(test)]
mod tests;
