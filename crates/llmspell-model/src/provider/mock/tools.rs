//! How a mock model chooses tools and their arguments: by what the prompt says.

use serde_json::{Map, Value};

use super::sample;
use crate::request::{Request, Role, ToolCall, ToolChoice, ToolSpec};

/// Returns the calls for a request, none if it only wants an answer: each mention of a tool's name that is followed by a
/// JSON object is a call with it; a tool that is only named is called once, with arguments made from its schema.
pub(super) fn calls(request: &Request, turn: usize) -> Vec<ToolCall> {
    if results(request).is_some() {
        return Vec::new();
    }
    let prompt = request.last_user_text();
    let mut wanted = wanted(&prompt, &request.tools);
    let forced = match &request.tool_choice {
        Some(ToolChoice::Tool(name)) => {
            wanted.retain(|(tool, _)| tool.name == *name);
            request.tools.iter().find(|tool| tool.name == *name)
        }
        Some(ToolChoice::Required) => request.tools.first(),
        _ => None,
    };
    if let (true, Some(tool)) = (wanted.is_empty(), forced) {
        wanted.push((tool, made(tool, &prompt)));
    }
    wanted
        .into_iter()
        .enumerate()
        .map(|(index, (tool, arguments))| ToolCall {
            id: call_id(turn, index),
            name: tool.name.clone(),
            arguments,
        })
        .collect()
}

/// Names a call by the model's turn and its place in it.
pub(super) fn call_id(turn: usize, index: usize) -> String {
    format!("call_{turn}_{index}")
}

/// Returns the results that followed the last text of the user, one line each; `None` if there are none.
pub(super) fn results(request: &Request) -> Option<String> {
    let since = request
        .messages
        .iter()
        .rposition(|message| message.role == Role::User)
        .map_or(0, |at| at + 1);
    let results = request.messages[since..]
        .iter()
        .flat_map(|message| message.tool_results());
    let lines: Vec<String> = results
        .map(|result| match result.is_error {
            true => format!("{} failed: {}", result.name, result.content),
            false => format!("{}: {}", result.name, result.content),
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A place where the prompt names a tool.
struct Mention<'a> {
    tool: &'a ToolSpec,
    end: usize,
}

fn wanted<'a>(prompt: &str, tools: &'a [ToolSpec]) -> Vec<(&'a ToolSpec, Value)> {
    let mentions = mentions(prompt, tools);
    let objects = sample::objects(prompt);
    let mut wanted: Vec<(&ToolSpec, Option<Value>)> = Vec::new();
    for (at, mention) in mentions.iter().enumerate() {
        let until = mentions.get(at + 1).map_or(prompt.len(), |next| next.end);
        let given = objects
            .iter()
            .find(|(start, _)| *start >= mention.end && *start < until)
            .map(|(_, object)| object.clone());
        wanted.push((mention.tool, given));
    }
    let mut calls: Vec<(&ToolSpec, Value)> = Vec::new();
    for (at, (tool, given)) in wanted.iter().enumerate() {
        let is_same = |(other, _): &&(&ToolSpec, Option<Value>)| other.name == tool.name;
        match given {
            Some(arguments) => calls.push((tool, arguments.clone())),
            None => {
                let elsewhere = wanted
                    .iter()
                    .filter(is_same)
                    .any(|(_, given)| given.is_some());
                let before = wanted[..at].iter().any(|entry| is_same(&entry));
                if !elsewhere && !before {
                    calls.push((tool, made(tool, prompt)));
                }
            }
        }
    }
    calls
}

/// Finds the names as whole words; where one name holds another, the longer one counts.
fn mentions<'a>(prompt: &str, tools: &'a [ToolSpec]) -> Vec<Mention<'a>> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut found = Vec::new();
    let mut start = None;
    let ends = prompt.char_indices().chain([(prompt.len(), ' ')]);
    for (at, c) in ends {
        match (start, in_word(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                // Not part of a JSON text that was given to another tool.
                let word = prompt[from..at].trim_matches('-');
                let tool = tools
                    .iter()
                    .find(|tool| tool.name.eq_ignore_ascii_case(word));
                found.extend(tool.map(|tool| Mention { tool, end: at }));
            }
            _ => {}
        }
    }
    let objects = sample::spans(prompt);
    found.retain(|mention| !objects.iter().any(|span| span.contains(&mention.end)));
    found
}

/// Makes arguments from a tool's schema; a quoted text of the prompt stands for the first required text.
fn made(tool: &ToolSpec, prompt: &str) -> Value {
    let mut arguments = match sample::minimal(&tool.parameters) {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    if let (Some(name), Some(quoted)) = (first_free_text(tool), quoted(prompt)) {
        arguments.insert(name, Value::String(quoted));
    }
    Value::Object(arguments)
}

/// Returns the first required property that is any text at all.
fn first_free_text(tool: &ToolSpec) -> Option<String> {
    let properties = tool.parameters.get("properties")?;
    let required = tool.parameters.get("required")?.as_array()?;
    required.iter().filter_map(Value::as_str).find_map(|name| {
        let property = properties.get(name)?;
        let free = property.get("type")?.as_str()? == "string"
            && ["enum", "const", "default", "examples", "format"]
                .iter()
                .all(|key| property.get(key).is_none());
        free.then(|| name.to_owned())
    })
}

fn quoted(prompt: &str) -> Option<String> {
    ['"', '`'].into_iter().find_map(|quote| {
        let (_, rest) = prompt.split_once(quote)?;
        let (inner, _) = rest.split_once(quote)?;
        (!inner.is_empty()).then(|| inner.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Message, Part, ToolResult};
    use serde_json::json;

    fn tool(name: &str, parameters: Value) -> ToolSpec {
        ToolSpec {
            name: name.into(),
            description: String::new(),
            parameters,
        }
    }

    fn tools() -> Vec<ToolSpec> {
        vec![
            tool(
                "calculator",
                json!({"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}),
            ),
            tool(
                "text",
                json!({"type": "object", "properties": {"n": {"type": "integer", "default": 3}, "m": {"enum": ["a", "b"]}}, "required": ["n", "m"]}),
            ),
            tool("text_tool", json!({})),
        ]
    }

    #[track_caller]
    fn check(prompt: &str, expected: Value) {
        let mut request = Request::new("tools", prompt);
        request.tools = tools();
        check_request(&request, expected);
    }

    #[track_caller]
    fn check_request(request: &Request, expected: Value) {
        let made: Vec<Value> = calls(request, 0)
            .iter()
            .map(|call| json!([call.name, call.arguments]))
            .collect();
        assert_eq!(Value::Array(made), expected);
    }

    #[test]
    fn json_behind_a_name_is_its_arguments() {
        check(
            r#"calculator {"expression": "1+1"} and text {"n": 1} and calculator: {"expression": "2"}"#,
            json!([
                ["calculator", {"expression": "1+1"}],
                ["text", {"n": 1}],
                ["calculator", {"expression": "2"}]
            ]),
        );
        check(
            r#"CALL:calculator:{"expression":"{6*7}"}"#,
            json!([["calculator", {"expression": "{6*7}"}]]),
        );
    }

    #[test]
    fn a_bare_name_is_called_once_with_what_the_schema_says() {
        check(
            "use text, then text again",
            json!([["text", {"n": 3, "m": "a"}]]),
        );
        check("text and text {\"n\": 9}", json!([["text", {"n": 9}]]));
        check(
            r#"ask the Calculator about "6*7""#,
            json!([["calculator", {"expression": "6*7"}]]),
        );
    }

    #[test]
    fn names_are_whole_words_and_not_inside_of_arguments() {
        check("text_tool", json!([["text_tool", {}]]));
        check("mytext texts contextual", json!([]));
        check(
            r#"text {"n": 1, "m": "calculator"}"#,
            json!([["text", {"n": 1, "m": "calculator"}]]),
        );
    }

    #[test]
    fn a_forced_choice_is_kept() {
        let mut request = Request::new("tools", "hello");
        request.tools = tools();
        request.tool_choice = Some(ToolChoice::Required);
        check_request(&request, json!([["calculator", {"expression": "text"}]]));
        request.tool_choice = Some(ToolChoice::Tool("text_tool".into()));
        check_request(&request, json!([["text_tool", {}]]));
    }

    #[test]
    fn results_are_told_and_not_asked_for_again() {
        let mut request = Request::new("tools", "use text_tool");
        request.tools = tools();
        let answer = |content: &str, is_error| ToolResult {
            id: "1".into(),
            name: "text_tool".into(),
            content: content.into(),
            images: Vec::new(),
            is_error,
        };
        request
            .messages
            .push(Message::tool([answer("a", false), answer("b", true)]));
        assert_eq!(
            results(&request).unwrap(),
            "text_tool: a\ntext_tool failed: b"
        );
        check_request(&request, json!([]));
        request.messages.push(Message::user("text_tool once more"));
        check_request(&request, json!([["text_tool", {}]]));
    }

    #[test]
    fn parts_without_text_are_no_trouble() {
        let mut request = Request::new("tools", "");
        request.messages = vec![Message::new(
            Role::User,
            vec![Part::Reasoning { text: "x".into() }],
        )];
        check_request(&request, json!([]));
    }
}
