//! Our request as the wire layer wants it.

use std::collections::HashSet;

use rig_core::completion::{CompletionRequest, GenerationOptions, OnUnsupported, ToolDefinition};
use rig_core::message::{
    self as rig, AssistantContent, AssistantMessage, DocumentSourceKind, MimeType, ToolFunction,
    ToolName, ToolResultContent, UserContent,
};
use serde_json::{Value, json};

use llmspell_core::{Result, bail, error};

use super::{decode, guard};
use crate::request::{
    Media, Message, OutputSchema, Part, Request, Role, Source, ToolCall, ToolChoice, ToolResult,
    ToolSpec,
};

/// Converts a request.
///
/// - Errors: `InvalidArgs` for what no provider could be asked: no message, a tool without a name, a medium of unknown
///   type.
pub(super) fn request(request: Request) -> Result<CompletionRequest> {
    let Request {
        model: _,
        system,
        messages,
        tools,
        tool_choice,
        schema,
        temperature,
        max_tokens,
        top_p,
        stop,
        seed,
        extra,
    } = request;
    if messages.is_empty() {
        bail!(
            InvalidArgs,
            "a request to a model needs at least one message"
        );
    }
    let silent = tools.is_empty();
    let tools = if silent { used(&messages) } else { tools };
    let mut history = Vec::with_capacity(messages.len() + 1);
    history.extend(
        system
            .filter(|text| !text.trim().is_empty())
            .map(rig::Message::system),
    );
    for (index, message) in messages.into_iter().enumerate() {
        let message = turn(message).map_err(|error| error.with("message", index as i64))?;
        history.extend(message);
    }
    // Without tools on offer, tools named in the history are declared so that their calls stay calls, but not to be used.
    let choice = match (silent, tool_choice) {
        (true, _) => (!tools.is_empty()).then_some(rig::ToolChoice::None),
        (false, choice) => choice.map(self::choice).transpose()?,
    };
    let mut asked = CompletionRequest::from(history)
        .tools(tools.into_iter().map(tool).collect::<Result<_>>()?)
        .temperature(temperature)
        .max_tokens(max_tokens)
        .output_schema(schema.map(self::schema).transpose()?)
        .options(options(top_p, seed, stop))
        .accept_unknown_finish_reasons(true);
    asked.tool_choice = choice;
    asked.additional_params = (!extra.is_empty()).then_some(Value::Object(extra));
    Ok(asked)
}

/// The options that a provider may lack are left out there, with a warning in the log: a model that knows no seed still
/// answers.
fn options(top_p: Option<f64>, seed: Option<u64>, stop: Vec<String>) -> GenerationOptions {
    let mut options = GenerationOptions::new()
        .on_unsupported(OnUnsupported::Ignore)
        .stop(stop);
    options.top_p = top_p;
    options.seed = seed;
    options
}

fn turn(message: Message) -> Result<Option<rig::Message>> {
    let Message {
        role,
        parts,
        native,
    } = message;
    if role == Role::Assistant {
        let turn = match native.and_then(|native| decode::verbatim(native, &parts)) {
            Some(turn) => turn,
            None => AssistantMessage::new(said(parts)?),
        };
        return Ok((!turn.content.is_empty()).then_some(rig::Message::Assistant(turn)));
    }
    let content: Vec<UserContent> = parts.into_iter().map(asked).collect::<Result<_>>()?;
    Ok((!content.is_empty()).then_some(rig::Message::User { content }))
}

fn said(parts: Vec<Part>) -> Result<Vec<AssistantContent>> {
    let mut said = Vec::with_capacity(parts.len());
    for part in parts {
        said.push(match part {
            Part::Text { text } if text.is_empty() => continue,
            Part::Text { text } => AssistantContent::text(text),
            Part::Reasoning { text } if text.is_empty() => continue,
            Part::Reasoning { text } => AssistantContent::reasoning(text),
            Part::ToolCall(call) => AssistantContent::ToolCall(self::call(call)?),
            Part::Image(media) => {
                let (data, mime) = (source(&media.source), media.mime.as_str());
                AssistantContent::Image(rig::Image {
                    data,
                    media_type: rig::ImageMediaType::from_mime_type(mime),
                    ..rig::Image::default()
                })
            }
            part => bail!(
                InvalidArgs,
                "a message of the model cannot hold {}",
                kind(&part)
            ),
        });
    }
    Ok(said)
}

fn asked(part: Part) -> Result<UserContent> {
    Ok(match part {
        Part::Text { text } => UserContent::text(text),
        Part::Image(media) => UserContent::Image(image(&media)?),
        Part::Audio(media) => UserContent::Audio(rig::Audio {
            data: source(&media.source),
            media_type: Some(audio_type(&media.mime)?),
        }),
        Part::Video(media) => UserContent::Video(rig::Video {
            data: source(&media.source),
            media_type: Some(
                rig::VideoMediaType::from_mime_type(&media.mime)
                    .ok_or_else(|| unknown_type("video", &media.mime))?,
            ),
            ..rig::Video::default()
        }),
        Part::Document(media) => UserContent::Document(document(&media)?),
        Part::ToolResult(result) => UserContent::ToolResult(self::result(result)?),
        part => bail!(
            InvalidArgs,
            "a message of the user cannot hold {}",
            kind(&part)
        ),
    })
}

fn kind(part: &Part) -> &'static str {
    match part {
        Part::Text { .. } => "a text",
        Part::Image(_) => "an image",
        Part::Audio(_) => "an audio recording",
        Part::Video(_) => "a video",
        Part::Document(_) => "a document",
        Part::ToolCall(_) => "a tool call",
        Part::ToolResult(_) => "a tool result",
        Part::Reasoning { .. } => "reasoning",
    }
}

fn call(call: ToolCall) -> Result<rig::ToolCall> {
    if let Value::String(text) = &call.arguments
        && !guard::Arguments::default().take(0, text)
    {
        bail!(
            InvalidArgs,
            "the arguments of a call to '{}' are too long or nest too deeply",
            call.name
        );
    }
    let name = tool_name(&call.name)?;
    Ok(rig::ToolCall::from_wire(
        call.id,
        ToolFunction::new(name, call.arguments),
    ))
}

fn result(result: ToolResult) -> Result<rig::ToolResult> {
    let mut content = vec![ToolResultContent::text(result.content)];
    for media in &result.images {
        content.push(ToolResultContent::Image(image(media)?));
    }
    Ok(rig::ToolResult {
        call: rig::CallId::from_wire(result.id),
        name: tool_name(&result.name)?,
        content,
        is_error: result.is_error,
    })
}

fn tool(spec: ToolSpec) -> Result<ToolDefinition> {
    let name = tool_name(&spec.name)?;
    Ok(ToolDefinition::new(name, spec.description, spec.parameters))
}

fn tool_name(name: &str) -> Result<ToolName> {
    ToolName::new(name).map_err(|_| error!(InvalidArgs, "a tool has an empty name"))
}

fn choice(choice: ToolChoice) -> Result<rig::ToolChoice> {
    Ok(match choice {
        ToolChoice::Auto => rig::ToolChoice::Auto,
        ToolChoice::None => rig::ToolChoice::None,
        ToolChoice::Required => rig::ToolChoice::Required,
        ToolChoice::Tool(name) => rig::ToolChoice::Specific {
            function_names: vec![tool_name(&name)?],
        },
    })
}

fn schema(schema: OutputSchema) -> Result<schemars::Schema> {
    let OutputSchema { name, mut schema } = schema;
    // The provider's name for a schema is taken from its title.
    if let Value::Object(members) = &mut schema {
        let title = members
            .get("title")
            .and_then(Value::as_str)
            .unwrap_or(&name);
        let title: String = title
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .take(64)
            .collect();
        members.insert("title".to_owned(), Value::String(title));
    }
    schemars::Schema::try_from(schema).map_err(|_| {
        error!(
            InvalidArgs,
            "the output schema is neither an object nor a boolean"
        )
    })
}

/// Describes the tools that the history calls, for a request that offers none.
fn used(messages: &[Message]) -> Vec<ToolSpec> {
    let mut seen = HashSet::new();
    messages
        .iter()
        .flat_map(Message::tool_calls)
        .filter(|call| seen.insert(call.name.as_str()))
        .map(|call| ToolSpec {
            name: call.name.clone(),
            description: "No longer available.".to_owned(),
            parameters: json!({"type": "object", "properties": {}}),
        })
        .collect()
}

fn source(source: &Source) -> DocumentSourceKind {
    match source {
        Source::Data(data) => DocumentSourceKind::Base64(data.clone()),
        Source::Url(url) => DocumentSourceKind::Url(url.clone()),
    }
}

fn image(media: &Media) -> Result<rig::Image> {
    let mime = match media.mime.as_str() {
        "image/jpg" => "image/jpeg",
        mime => mime,
    };
    let media_type = rig::ImageMediaType::from_mime_type(mime)
        .ok_or_else(|| unknown_type("image", &media.mime))?;
    Ok(rig::Image {
        data: source(&media.source),
        media_type: Some(media_type),
        ..rig::Image::default()
    })
}

fn audio_type(mime: &str) -> Result<rig::AudioMediaType> {
    let known = match mime {
        "audio/mpeg" => "audio/mp3",
        "audio/x-wav" | "audio/wave" => "audio/wav",
        "audio/mp4" | "audio/x-m4a" => "audio/m4a",
        mime => mime,
    };
    rig::AudioMediaType::from_mime_type(known).ok_or_else(|| unknown_type("audio", mime))
}

/// Text formats are sent as their text, which every provider reads.
fn document(media: &Media) -> Result<rig::Document> {
    use base64::Engine as _;
    let known = match media.mime.as_str() {
        "text/javascript" | "application/javascript" => "application/x-javascript",
        "text/x-python" => "application/x-python",
        "application/json" | "application/yaml" => "text/plain",
        "application/xml" => "text/xml",
        mime => mime,
    };
    let media_type = rig::DocumentMediaType::from_mime_type(known)
        .ok_or_else(|| unknown_type("document", &media.mime))?;
    let data = match &media.source {
        Source::Data(data) if media_type != rig::DocumentMediaType::PDF => {
            let bytes = base64::prelude::BASE64_STANDARD
                .decode(data)
                .map_err(|_| error!(InvalidArgs, "a document's data is not base64 text"))?;
            DocumentSourceKind::String(String::from_utf8_lossy(&bytes).into_owned())
        }
        other => source(other),
    };
    Ok(rig::Document {
        data,
        media_type: Some(media_type),
        ..rig::Document::default()
    })
}

fn unknown_type(what: &str, mime: &str) -> llmspell_core::Error {
    error!(InvalidArgs, "no model reads {what} of the type '{mime}'").with("mime", mime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::Kind;

    fn asking(parts: Vec<Part>) -> Result<CompletionRequest> {
        request(Request {
            messages: vec![Message::new(Role::User, parts)],
            ..Request::default()
        })
    }

    #[test]
    fn media_keep_their_type() {
        let parts = vec![
            Part::Image(Media::url("image/jpg", "https://x.test/a.jpg")),
            Part::Audio(Media::base64("audio/mpeg", "AAAA")),
            Part::Video(Media::base64("video/mp4", "AAAA")),
            Part::Document(Media::base64("application/pdf", "AAAA")),
        ];
        let asked = asking(parts).unwrap();
        let stored = serde_json::to_value(&asked.chat_history[0]).unwrap();
        let types: Vec<&Value> = stored["content"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| &part["media_type"])
            .collect();
        assert_eq!(types, ["jpeg", "mp3", "mp4", "pdf"]);
    }

    #[test]
    fn documents_of_text_are_sent_as_text() {
        let asked = asking(vec![Part::Document(Media::base64(
            "application/json",
            "eyJhIjoxfQ==",
        ))]);
        let stored = serde_json::to_value(&asked.unwrap().chat_history[0]).unwrap();
        let data = &stored["content"][0]["data"];
        assert_eq!(data, &json!({"type": "string", "value": "{\"a\":1}"}));
    }

    #[test]
    fn what_has_no_place_in_a_message_is_refused() {
        for part in [
            Part::Reasoning { text: "x".into() },
            Part::Image(Media::base64("image/odd", "AA==")),
            Part::Document(Media::base64("text/csv", "not base64!")),
        ] {
            assert_eq!(asking(vec![part]).unwrap_err().kind(), Kind::InvalidArgs);
        }
    }

    #[test]
    fn arguments_that_only_open_brackets_are_refused() {
        let call = ToolCall {
            id: "1".into(),
            name: "t".into(),
            arguments: Value::String("[".repeat(500_000)),
        };
        let turn = Message::new(Role::Assistant, vec![Part::ToolCall(call)]);
        let asked = request(Request {
            messages: vec![turn],
            ..Request::default()
        });
        assert_eq!(asked.unwrap_err().kind(), Kind::InvalidArgs);
    }

    #[test]
    fn empty_parts_and_messages_are_left_out() {
        let asked = request(Request {
            system: Some("  ".into()),
            messages: vec![
                Message::user("hi"),
                Message::new(Role::Assistant, vec![Part::text("")]),
                Message::user("again"),
            ],
            ..Request::default()
        });
        assert_eq!(asked.unwrap().chat_history.len(), 2);
    }

    #[test]
    fn the_name_of_a_schema_is_one_that_providers_take() {
        let named = |schema: Value| {
            let schema = self::schema(OutputSchema::new(schema)).unwrap();
            schema.get("title").cloned().unwrap()
        };
        assert_eq!(named(json!({"type": "object"})), "answer");
        assert_eq!(
            named(json!({"title": "Größe des Hauses"})),
            "Gr__e_des_Hauses"
        );
        assert!(self::schema(OutputSchema::new(json!("x"))).is_err());
    }
}
