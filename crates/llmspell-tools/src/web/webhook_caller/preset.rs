//! The forms in which chat services take messages.

use llmspell_core::value::to_json;
use llmspell_core::{Map, Result, Value};
use serde_json::json;

use crate::choice::choose;
use crate::param::{missing, refused};
use crate::plain::plain;

const PRESETS: &[&[&str]] = &[&["slack"], &["discord"], &["teams"]];

/// A message in no form yet.
struct Message {
    text: String,
    title: Option<String>,
    fields: Vec<(String, String)>,
}

/// Puts a message into the form of a service; `own` holds the forms of the configuration.
///
/// - Errors: `InvalidArgs` for an unknown service, and for what is no message.
pub(super) fn shape(name: &str, payload: &Value, own: &Map) -> Result<Value> {
    plain("payload", payload)?;
    if let Some(template) = own.get(name) {
        return Ok(Message::read(payload)?.fill(template));
    }
    // A service that is not known is told before what its message lacks.
    let service = choose("preset", name, PRESETS)?;
    let message = Message::read(payload)?;
    let shaped = match service {
        "slack" => message.slack(),
        "discord" => message.discord(),
        _ => message.teams(),
    };
    Ok(shaped.into())
}

impl Message {
    fn read(payload: &Value) -> Result<Self> {
        let members = match payload {
            Value::Str(text) => {
                return Ok(Self {
                    text: text.clone(),
                    title: None,
                    fields: Vec::new(),
                });
            }
            Value::Map(members) => members,
            _ => {
                return Err(unfit(
                    "payload must be a text or {text, title, fields} with a preset",
                ));
            }
        };
        if let Some(name) = members
            .keys()
            .find(|name| !["text", "title", "fields"].contains(&name.as_str()))
        {
            return Err(unfit(format!(
                "unknown parameter 'payload.{name}': a preset takes text, title and fields"
            )));
        }
        let text = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.clone())),
            Some(other) => Err(unfit(format!(
                "payload.{name} must be string, got {}",
                other.type_name()
            ))),
        };
        let (title, text) = (text("title")?, text("text")?);
        let fields = fields(members.get("fields"))?;
        if title.is_none() && text.is_none() && fields.is_empty() {
            return Err(missing("webhook_caller", "call", "payload.text"));
        }
        Ok(Self {
            text: text.unwrap_or_default(),
            title,
            fields,
        })
    }

    fn slack(&self) -> serde_json::Value {
        let text = match &self.title {
            Some(title) => format!("*{title}*\n{}", self.text).trim_end().to_owned(),
            None => self.text.clone(),
        };
        let mut message = json!({ "text": text });
        if !self.fields.is_empty() {
            let field = |(title, value): &(String, String)| json!({"title": title, "value": value, "short": true});
            let fields: Vec<_> = self.fields.iter().map(field).collect();
            message["attachments"] = json!([{ "fallback": text, "fields": fields }]);
        }
        message
    }

    fn discord(&self) -> serde_json::Value {
        if self.title.is_none() && self.fields.is_empty() {
            return json!({ "content": self.text });
        }
        let field = |(name, value): &(String, String)| json!({"name": name, "value": value, "inline": true});
        let mut embed = json!({});
        if let Some(title) = &self.title {
            embed["title"] = title.as_str().into();
        }
        if !self.text.is_empty() {
            embed["description"] = self.text.as_str().into();
        }
        if !self.fields.is_empty() {
            embed["fields"] = self.fields.iter().map(field).collect();
        }
        json!({ "embeds": [embed] })
    }

    fn teams(&self) -> serde_json::Value {
        let mut body = Vec::new();
        if let Some(title) = &self.title {
            body.push(json!({"type": "TextBlock", "text": title, "weight": "Bolder", "size": "Medium", "wrap": true}));
        }
        if !self.text.is_empty() {
            body.push(json!({"type": "TextBlock", "text": self.text, "wrap": true}));
        }
        if !self.fields.is_empty() {
            let fact = |(title, value): &(String, String)| json!({"title": title, "value": value});
            let facts: Vec<_> = self.fields.iter().map(fact).collect();
            body.push(json!({"type": "FactSet", "facts": facts}));
        }
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                },
            }],
        })
    }

    /// Fills a form of the configuration. A text that is a placeholder and nothing else becomes what it stands for.
    fn fill(&self, template: &Value) -> Value {
        match template {
            Value::Str(text) if text == "{{fields}}" => self.field_map(),
            Value::Str(text) => text
                .replace("{{text}}", &self.text)
                .replace("{{title}}", self.title.as_deref().unwrap_or_default())
                .replace("{{fields}}", &to_json(&self.field_map()))
                .into(),
            Value::List(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Map(members) => {
                let filled = members
                    .iter()
                    .map(|(name, member)| (name.clone(), self.fill(member)));
                Value::Map(filled.collect())
            }
            other => other.clone(),
        }
    }

    fn field_map(&self) -> Value {
        let fields = self.fields.iter();
        Value::Map(
            fields
                .map(|(name, value)| (name.clone(), value.as_str().into()))
                .collect(),
        )
    }
}

/// Reads fields: an object, or a list of `{title, value}` or `{name, value}`.
fn fields(given: Option<&Value>) -> Result<Vec<(String, String)>> {
    let wrong = || unfit("payload.fields must be an object, or a list of {title, value}");
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Map(members)) => Ok(members
            .iter()
            .map(|(name, value)| (name.to_string(), shown(value)))
            .collect()),
        Some(Value::List(items)) => items
            .iter()
            .map(|item| {
                let name = item
                    .get("title")
                    .or_else(|| item.get("name"))
                    .and_then(Value::as_str);
                let value = item.get("value");
                Ok((
                    name.ok_or_else(wrong)?.to_owned(),
                    shown(value.ok_or_else(wrong)?),
                ))
            })
            .collect(),
        Some(_) => Err(wrong()),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => to_json(other),
    }
}

fn unfit(message: impl Into<String>) -> llmspell_core::Error {
    refused("payload", message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, payload: serde_json::Value) -> Result<serde_json::Value> {
        let own: Value =
            json!({"mine": {"msg": "{{title}}: {{text}}", "extra": "{{fields}}"}}).into();
        shape(name, &payload.into(), own.as_map().unwrap()).map(|value| value.to_serde_json())
    }

    #[test]
    fn a_text_is_a_message() {
        assert_eq!(of("slack", json!("hi")).unwrap(), json!({"text": "hi"}));
        assert_eq!(
            of("Discord", json!("hi")).unwrap(),
            json!({"content": "hi"})
        );
        let teams = of("teams", json!("hi")).unwrap();
        assert_eq!(
            teams["attachments"][0]["content"]["body"],
            json!([{"type": "TextBlock", "text": "hi", "wrap": true}])
        );
    }

    #[test]
    fn titles_and_fields_find_their_place() {
        let message = json!({"text": "done", "title": "Build", "fields": {"ms": 5, "by": "ann"}});
        assert_eq!(
            of("slack", message.clone()).unwrap(),
            json!({
                "text": "*Build*\ndone",
                "attachments": [{"fallback": "*Build*\ndone", "fields": [
                    {"title": "ms", "value": "5", "short": true}, {"title": "by", "value": "ann", "short": true}]}],
            })
        );
        assert_eq!(
            of("discord", message.clone()).unwrap(),
            json!({"embeds": [{
            "title": "Build", "description": "done",
            "fields": [{"name": "ms", "value": "5", "inline": true}, {"name": "by", "value": "ann", "inline": true}]}]})
        );
        let body = &of("teams", message.clone()).unwrap()["attachments"][0]["content"]["body"];
        assert_eq!(
            body[2],
            json!({"type": "FactSet", "facts": [{"title": "ms", "value": "5"}, {"title": "by", "value": "ann"}]})
        );
        assert_eq!(
            of("mine", message).unwrap(),
            json!({"msg": "Build: done", "extra": {"ms": "5", "by": "ann"}})
        );
        let listed = json!({"fields": [{"title": "a", "value": 1}, {"name": "b", "value": "2"}]});
        assert_eq!(
            of("mine", listed).unwrap()["extra"],
            json!({"a": "1", "b": "2"})
        );
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let message = |name: &str, payload| of(name, payload).unwrap_err().message().to_owned();
        assert_eq!(
            message("irc", json!("x")),
            "unknown preset 'irc', expected one of: slack, discord, teams"
        );
        assert!(message("irc", json!({})).starts_with("unknown preset 'irc'"));
        assert_eq!(
            message("slack", json!(5)),
            "payload must be a text or {text, title, fields} with a preset"
        );
        assert_eq!(
            message("slack", json!({"txt": 1})),
            "unknown parameter 'payload.txt': a preset takes text, title and fields"
        );
        assert_eq!(
            message("slack", json!({"text": 1})),
            "payload.text must be string, got integer"
        );
        assert_eq!(
            message("slack", json!({"fields": [1]})),
            "payload.fields must be an object, or a list of {title, value}"
        );
        assert_eq!(
            message("slack", json!({})),
            "Missing required parameter 'payload.text' for webhook_caller operation 'call'"
        );
    }
}
