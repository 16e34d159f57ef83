//! What an agent is asked.

use std::sync::Arc;

use llmspell_core::value::to_json;
use llmspell_core::{Callback, Cx, Map, Result, Takes, Value, bail, error};
use llmspell_model::Part;
use schemars::JsonSchema;

use super::config::{function, members, out_of_range};
use super::media;
use super::schema::Schema;

/// The modalities that an answer may have.
const MODALITIES: [&str; 5] = ["text", "image", "audio", "video", "binary"];

/// What an agent is asked: the prompt, or more.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `Input::new` reads")]
pub(super) enum Question {
    Prompt(String),
    Table(Box<Table>),
}

/// What an agent is asked, and how. Other members are context that goes along with the prompt.
#[derive(JsonSchema)]
#[schemars(title = "AgentInput", extend("additionalProperties" = true))]
#[expect(dead_code, reason = "describes what `Input::new` reads")]
pub(super) struct Table {
    /// The prompt.
    text: Option<String>,
    /// The same as `text`.
    prompt: Option<String>,
    /// Images, audio, video or binary data: `{type, base64 | data | path | artifact, format?}`.
    media: Option<Vec<Value>>,
    /// One medium.
    image: Option<Value>,
    /// JSON Schema that the answer must fit.
    schema: Option<Value>,
    /// Tools for this call, instead of the agent's.
    tools: Option<Value>,
    /// The model for this call: `provider/model`.
    model: Option<Value>,
    /// Randomness, 0 to 2.
    temperature: Option<f64>,
    /// Most tokens of the answer.
    max_tokens: Option<u64>,
    /// Instructions for this call.
    system_prompt: Option<String>,
    /// What takes the place of `{{name}}` in the prompt and the instructions.
    variables: Option<Map>,
    /// `text`, `image`, `audio`, `video`, `binary`.
    output_modalities: Option<Vec<String>>,
    /// Called with the error; returns `{retry = true, max_attempts?, delay_ms?}`, `{text}`, or nothing.
    #[schemars(with = "Option<Takes<Value>>")]
    on_error: Option<Callback>,
}

/// One question, read and checked.
#[derive(Clone, Default)]
pub(super) struct Input {
    /// The prompt with its variables replaced and its context behind it.
    pub(super) prompt: String,
    pub(super) media: Vec<Part>,
    pub(super) schema: Option<Arc<Schema>>,
    pub(super) tools: Value,
    pub(super) model: Value,
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u64>,
    pub(super) system_prompt: Option<String>,
    pub(super) variables: Map,
    pub(super) output_modalities: Vec<Value>,
    pub(super) on_error: Option<Callback>,
    /// The input as it was given, for those to whom it is passed on.
    pub(super) given: Map,
}

impl Input {
    /// Reads an input, and the files that its media name.
    ///
    /// - Errors: as [`Input::new`]; those of the files.
    pub(super) async fn open(cx: &Cx, input: Value, options: Value) -> Result<Self> {
        let loaded = media::load(cx, &input).await?;
        let mut read = Self::new(loaded.clone().unwrap_or_else(|| input.clone()), options)?;
        if loaded.is_some() {
            // Whoever gets the input passed on reads the files again.
            for name in ["media", "image"] {
                if let Some(item) = input.get(name) {
                    read.given.insert(name.to_owned(), item.clone());
                }
            }
        }
        Ok(read)
    }

    /// Reads an input: a text, or a table; `options` is merged over it.
    ///
    /// - Errors: `InvalidArgs` naming the key.
    pub(super) fn new(input: Value, options: Value) -> Result<Self> {
        let mut given = match input {
            Value::Str(text) => Map::from([("text", text.into())]),
            Value::Map(map) => map,
            Value::List(list) if list.is_empty() => Map::new(),
            other => bail!(
                InvalidArgs,
                "the input must be text or a table, got {}",
                other.type_name()
            ),
        };
        for (name, value) in members("options", options)? {
            given.insert(name, value);
        }
        let mut fields = Fields(given.clone());
        let mut read = Self {
            given,
            ..Self::default()
        };
        let text = fields.text()?;
        read.read_media(&mut fields)?;
        if text.trim().is_empty() && read.media.is_empty() {
            return Err(error!(InvalidArgs, "the prompt is empty").hint("give `text`, or `media`"));
        }
        read.read_overrides(&mut fields)?;
        let mut prompt = filled(&text, &read.variables);
        for (name, value) in fields.context()? {
            prompt.push_str(if prompt.is_empty() { "" } else { "\n" });
            prompt.push_str(&format!("{name}: {}", to_json(&value)));
        }
        read.prompt = prompt;
        Ok(read)
    }

    /// Puts a block of context before the prompt.
    pub(super) fn precede(&mut self, context: &Map) {
        if context.is_empty() {
            return;
        }
        let lines: String = context
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", to_json(value)))
            .collect();
        self.prompt = format!("Context:\n{lines}\n{}", self.prompt);
    }

    fn read_media(&mut self, fields: &mut Fields) -> Result<()> {
        let mut items = match fields.take("media") {
            None => Vec::new(),
            Some(Value::List(items)) => items,
            Some(Value::Map(map)) if map.is_empty() => Vec::new(),
            Some(one @ Value::Map(_)) => vec![one],
            Some(other) => bail!(
                InvalidArgs,
                "`media` must be a list, got {}",
                other.type_name()
            ),
        };
        items.extend(fields.take("image"));
        let parts = items.iter().enumerate();
        self.media = parts
            .map(|(index, item)| media::part(index + 1, item))
            .collect::<Result<_>>()?;
        Ok(())
    }

    fn read_overrides(&mut self, fields: &mut Fields) -> Result<()> {
        if let Some(schema) = fields.take("schema") {
            self.schema = Some(Arc::new(Schema::from_value(&schema)?));
        }
        self.tools = fields.take("tools").unwrap_or_default();
        self.model = fields.take("model").unwrap_or_default();
        self.temperature = fields.typed("temperature", "number", Value::as_float)?;
        if let Some(temperature) = self.temperature
            && !(0.0..=2.0).contains(&temperature)
        {
            return Err(out_of_range("temperature", "0 to 2", temperature));
        }
        let count = |value: &Value| value.as_int().and_then(|count| u64::try_from(count).ok());
        self.max_tokens = fields.typed("max_tokens", "positive integer", count)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.system_prompt = fields.typed("system_prompt", "string", text)?;
        self.variables = members("variables", fields.take("variables").unwrap_or_default())?;
        let list = |value: &Value| value.as_list().map(<[Value]>::to_vec);
        self.output_modalities = fields
            .typed("output_modalities", "list", list)?
            .unwrap_or_default();
        for modality in &self.output_modalities {
            if !modality
                .as_str()
                .is_some_and(|name| MODALITIES.contains(&name))
            {
                return Err(error!(InvalidArgs, "unknown output modality {modality}")
                    .hint(format!("known are {}", MODALITIES.join(", "))));
            }
        }
        self.on_error = function("on_error", &fields.take("on_error").unwrap_or_default())?;
        Ok(())
    }
}

/// The members of an input that are not read yet.
struct Fields(Map);

impl Fields {
    /// Takes a member by its name or its camelCase form; null is absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        let snake = self.0.shift_remove(name);
        let camel = match name.contains('_') {
            true => self.0.shift_remove(&camel_case(name)),
            false => None,
        };
        snake.or(camel).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match read(&value) {
            Some(read) => Ok(Some(read)),
            None => Err(error!(
                InvalidArgs,
                "`{name}` must be {expected}, got {}",
                value.type_name()
            )
            .with("parameter", name)),
        }
    }

    /// Takes the prompt: the first of its four names that is present; the others are context.
    fn text(&mut self) -> Result<String> {
        for name in ["text", "prompt", "input", "message"] {
            match self.take(name) {
                None => {}
                Some(Value::Str(text)) => return Ok(text),
                Some(other @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))) => {
                    return Ok(to_json(&other));
                }
                Some(other) => bail!(
                    InvalidArgs,
                    "`{name}` must be text, got {}",
                    other.type_name()
                ),
            }
        }
        Ok(String::new())
    }

    /// Takes everything that is left, which is passed along with the prompt.
    fn context(&mut self) -> Result<Map> {
        let parameters = match self.take("parameters") {
            Some(Value::Map(parameters)) => parameters,
            Some(Value::List(list)) if list.is_empty() => Map::new(),
            Some(other) => Map::from([("parameters", other)]),
            None => Map::new(),
        };
        let mut context = parameters;
        context.extend(std::mem::take(&mut self.0));
        if let Some((name, _)) = context.iter().find(|(_, value)| holds_function(value)) {
            bail!(InvalidArgs, "`{name}`: cannot convert a function");
        }
        context.retain(|_, value| !value.is_null());
        Ok(context)
    }
}

fn holds_function(value: &Value) -> bool {
    match value {
        Value::Function(_) => true,
        Value::List(items) => items.iter().any(holds_function),
        Value::Map(members) => members.values().any(holds_function),
        _ => false,
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut camel, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        camel.push_str(&head.to_ascii_uppercase());
        camel.push_str(tail);
        camel
    })
}

/// Replaces `{{name}}` by the variable of that name; unknown names stay.
pub(super) fn filled(text: &str, variables: &Map) -> String {
    if variables.is_empty() || !text.contains("{{") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let known = after.split_once("}}").and_then(|(name, after)| {
            let value = variables.get(name.trim())?;
            Some((value, after))
        });
        out.push_str(before);
        match known {
            Some((Value::Str(value), after)) => {
                out.push_str(value);
                rest = after;
            }
            Some((value, after)) => {
                out.push_str(&to_json(value));
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prompt(input: serde_json::Value) -> String {
        Input::new(input.into(), Value::Null).unwrap().prompt
    }

    #[test]
    fn the_prompt_has_four_names_and_takes_the_rest_along() {
        assert_eq!(prompt(json!("hi")), "hi");
        assert_eq!(prompt(json!({"message": "hi"})), "hi");
        assert_eq!(
            prompt(json!({"input": "b", "text": "a"})),
            "a\ninput: \"b\""
        );
        assert_eq!(
            prompt(json!({"prompt": "p", "parameters": {"x": 1}, "who": {"name": "Ada"}})),
            "p\nx: 1\nwho: {\"name\":\"Ada\"}"
        );
    }

    #[test]
    fn variables_are_filled_in_once() {
        let input =
            json!({"text": "{{a}} and {{ b }} and {{c}} {{", "variables": {"a": "{{b}}", "b": 2}});
        assert_eq!(prompt(input), "{{b}} and 2 and {{c}} {{");
    }

    #[test]
    fn options_win_and_camel_case_is_read() {
        let input: Value = json!({"text": "p", "maxTokens": 5, "temperature": 1}).into();
        let read = Input::new(input, json!({"temperature": 0.5}).into()).unwrap();
        assert_eq!((read.max_tokens, read.temperature), (Some(5), Some(0.5)));
        assert_eq!(read.prompt, "p");
    }

    #[track_caller]
    fn refused(input: serde_json::Value, message: &str) {
        let error = Input::new(input.into(), Value::Null).err().unwrap();
        assert_eq!(error.kind(), llmspell_core::Kind::InvalidArgs);
        assert!(error.message().contains(message), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused(json!(5), "text or a table");
        refused(json!("  "), "empty");
        refused(json!({"text": []}), "`text`");
        refused(json!({"text": "p", "temperature": 3}), "`temperature`");
        refused(
            json!({"text": "p", "output_modalities": ["smell"]}),
            "smell",
        );
        refused(json!({"text": "p", "media": [{"type": "x"}]}), "item 1");
        refused(json!({"text": "p", "on_error": 5}), "`on_error`");
    }
}
