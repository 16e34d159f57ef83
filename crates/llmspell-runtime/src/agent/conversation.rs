//! What was said, always in a form that every provider accepts.

use llmspell_core::{Map, Result, Value};
use llmspell_model::{Message, Part, Role, ToolCall, ToolResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moment;
use crate::tool::measure;

/// Most messages that an agent keeps, unless it replays more.
const KEPT: usize = 1000;

/// One message in its stored form, made once.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) message: Value,
    pub(super) role: Role,
    at: i64,
}

/// The messages of an agent that belong to ended executions.
///
/// Invariant: it begins with a message of the user, and every tool call is followed by its results.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Entry {
    pub(super) fn new(message: &Message, at: i64) -> Result<Self> {
        Ok(Self {
            role: message.role,
            message: Value::from_serialize(message)?,
            at,
        })
    }
}

impl Conversation {
    /// Adds the messages of an execution. Old ones beyond what is replayed are forgotten, whole exchanges at a time.
    pub(super) fn append(&mut self, entries: Vec<Entry>, replayed: usize) {
        self.bytes += entries
            .iter()
            .map(|entry| measure(&entry.message))
            .sum::<usize>();
        self.entries.extend(entries);
        let most = KEPT.max(replayed.saturating_mul(2));
        if self.entries.len() > most {
            let begin = from_user(&self.entries, self.entries.len() - most);
            let gone = self.entries.drain(..begin);
            self.bytes -= gone.map(|entry| measure(&entry.message)).sum::<usize>();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns about how much memory the messages take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns how many messages there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the messages to be sent: the last `max` of the first `seen` ones and of the execution under way. The
    /// execution's own prompt always stays, and a tool call is never parted from its results.
    pub(super) fn window(&self, seen: usize, draft: &[Entry], max: usize) -> Vec<Value> {
        let sent = |entries: &[Entry]| {
            entries
                .iter()
                .map(|entry| entry.message.clone())
                .collect::<Vec<_>>()
        };
        if draft.len() >= max {
            let begin = from_turn(draft, draft.len().saturating_sub(max.saturating_sub(1)));
            let mut messages = sent(&draft[..1.min(draft.len())]);
            messages.extend(sent(&draft[begin..]));
            return messages;
        }
        let room = max - draft.len();
        let past = &self.entries[..seen.min(self.entries.len())];
        let begin = from_user(past, past.len().saturating_sub(room));
        let mut messages = sent(&past[begin..]);
        messages.extend(sent(draft));
        messages
    }

    /// Returns the messages as scripts see them: `{role, content, timestamp, tool_calls?}`, one item per tool result.
    pub(super) fn to_value(&self) -> Result<Value> {
        let mut list = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            shown(entry, &mut list)?;
        }
        Ok(Value::List(list))
    }
}

/// How a message is saved: as people read it, and whole.
#[derive(Serialize, Deserialize)]
struct Saved {
    role: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    message: Value,
}

impl Conversation {
    /// Returns the messages as they are saved: `{role, content, timestamp, message}`.
    pub(super) fn to_saved(&self) -> Result<Value> {
        let save = |entry: &Entry| {
            let message: Message = entry.message.clone().into_typed()?;
            Value::from_serialize(&Saved {
                role: spoken(message.role).to_owned(),
                content: match message.role {
                    Role::Tool => results(&message),
                    _ => message.text().into_owned(),
                },
                timestamp: moment::text(entry.at),
                message: entry.message.clone(),
            })
        };
        self.entries
            .iter()
            .map(save)
            .collect::<Result<Vec<_>>>()
            .map(Value::List)
    }

    /// Reads messages that were saved. One without `message` is the text in `content`; what stands before the first message
    /// of the user is left out.
    ///
    /// - Errors: `InvalidArgs` for what is no message.
    pub(super) fn from_saved(saved: Value) -> Result<Self> {
        let mut entries = Vec::new();
        for item in saved.as_list().unwrap_or_default() {
            let saved: Saved = item.clone().into_typed()?;
            let at = saved.timestamp.parse::<jiff::Timestamp>();
            let at = at.map_or(0, |at| at.as_microsecond());
            let message = match (saved.message, &*saved.role) {
                (Value::Null, "Assistant") => Message::assistant(saved.content),
                (Value::Null, "User") => Message::user(saved.content),
                // The instructions are a setting, and a result of a tool is nothing without its call.
                (Value::Null, _) => continue,
                (message, _) => message.into_typed()?,
            };
            entries.push(Entry::new(&message, at)?);
        }
        entries.drain(..from_user(&entries, 0));
        let mut own = Self::default();
        own.append(entries, KEPT);
        Ok(own)
    }
}

fn spoken(role: Role) -> &'static str {
    match role {
        Role::User => "User",
        Role::Assistant => "Assistant",
        Role::Tool => "Tool",
    }
}

fn results(message: &Message) -> String {
    let contents = message.tool_results().map(|result| result.content.as_str());
    contents.collect::<Vec<_>>().join("\n")
}

/// Returns the first place from `begin` on where a message of the user stands.
fn from_user(entries: &[Entry], begin: usize) -> usize {
    let rest = entries[begin..].iter();
    begin + rest.take_while(|entry| entry.role != Role::User).count()
}

/// Returns the first place from `begin` on where the model speaks; the last such place if there is none.
fn from_turn(draft: &[Entry], begin: usize) -> usize {
    let speaks = |at: &usize| draft[*at].role == Role::Assistant;
    let later = (begin.max(1)..draft.len()).find(speaks);
    later.unwrap_or_else(|| (1..draft.len()).rev().find(speaks).unwrap_or(draft.len()))
}

/// A message, as scripts see it.
#[derive(JsonSchema)]
#[schemars(title = "AgentMessage")]
#[expect(dead_code, reason = "describes what `shown` makes")]
pub(super) struct Shown {
    role: ShownRole,
    content: String,
    timestamp: String,
    /// `{id, name, arguments}` of the calls that the model asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Vec<Value>>,
    /// The tool that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The call that the tool answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "names what `shown` makes")]
enum ShownRole {
    User,
    Assistant,
    Tool,
}

fn shown(entry: &Entry, list: &mut Vec<Value>) -> Result<()> {
    let message: Message = entry.message.clone().into_typed()?;
    let timestamp = Value::from(moment::text(entry.at));
    if message.role == Role::Tool {
        list.extend(message.tool_results().map(|result| {
            let item: Map = Map::from([
                ("role", "tool".into()),
                ("content", result.content.as_str().into()),
                ("timestamp", timestamp.clone()),
                ("name", result.name.as_str().into()),
                ("tool_call_id", result.id.as_str().into()),
            ]);
            Value::Map(item)
        }));
        return Ok(());
    }
    let role = if message.role == Role::User {
        "user"
    } else {
        "assistant"
    };
    let mut item = Map::from([
        ("role", role.into()),
        ("content", message.text().into_owned().into()),
        ("timestamp", timestamp),
    ]);
    let calls: Vec<&ToolCall> = message.tool_calls().collect();
    if !calls.is_empty() {
        item.insert("tool_calls", Value::from_serialize(&calls)?);
    }
    list.push(Value::Map(item));
    Ok(())
}

/// The messages of an execution under way.
#[derive(Debug, Default)]
pub(super) struct Draft {
    entries: Vec<Entry>,
    open: Vec<(ToolCall, Option<ToolResult>)>,
}

impl Draft {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds what the user says.
    pub(super) fn ask(&mut self, message: &Message, at: i64) -> Result<()> {
        self.entries.push(Entry::new(message, at)?);
        Ok(())
    }

    /// Adds the model's turn; its tool calls wait for their results. A turn that says nothing is left out.
    pub(super) fn answer(&mut self, message: &Message, at: i64) -> Result<()> {
        if !message.parts.is_empty() {
            self.entries.push(Entry::new(message, at)?);
            self.open = message
                .tool_calls()
                .map(|call| (call.clone(), None))
                .collect();
        }
        Ok(())
    }

    /// Adds the result of the open call number `index`.
    pub(super) fn resolve(&mut self, index: usize, result: ToolResult) {
        if let Some(slot) = self.open.get_mut(index) {
            slot.1 = Some(result);
        }
    }

    /// Adds the results of all open calls as one message, in the order of the calls. A call without a result was
    /// cancelled.
    pub(super) fn close(&mut self, at: i64) -> Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let results = std::mem::take(&mut self.open)
            .into_iter()
            .map(|(call, result)| result.unwrap_or_else(|| cancelled(&call)));
        self.entries.push(Entry::new(&Message::tool(results), at)?);
        Ok(())
    }

    /// Ends the draft and returns what is worth keeping: all up to the last answer and its results, so that an
    /// unanswered prompt leaves no trace.
    pub(super) fn end(mut self, at: i64) -> Vec<Entry> {
        if self.close(at).is_err() {
            return Vec::new();
        }
        while self
            .entries
            .last()
            .is_some_and(|entry| entry.role == Role::User)
        {
            self.entries.pop();
        }
        self.entries
    }
}

fn cancelled(call: &ToolCall) -> ToolResult {
    ToolResult {
        is_error: true,
        ..call.answer(r#"{"error":"the call was cancelled","error_kind":"cancelled"}"#)
    }
}

/// Returns the user's message made of a text and media.
pub(super) fn user(text: String, media: Vec<Part>) -> Message {
    let mut parts = Vec::with_capacity(media.len() + 1);
    if !text.is_empty() {
        parts.push(Part::text(text));
    }
    parts.extend(media);
    Message::new(Role::User, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(message: Message) -> Entry {
        Entry::new(&message, 0).unwrap()
    }

    fn call(id: &str) -> ToolCall {
        ToolCall {
            id: id.into(),
            name: "t".into(),
            arguments: json!({}),
        }
    }

    fn exchange(id: &str) -> [Entry; 2] {
        let turn = Message::new(Role::Assistant, vec![Part::ToolCall(call(id))]);
        [entry(turn), entry(Message::tool([call(id).answer("ok")]))]
    }

    fn roles(messages: &[Value]) -> String {
        let role = |message: &Value| message.get("role").unwrap().as_str().unwrap()[..1].to_owned();
        messages.iter().map(role).collect()
    }

    #[test]
    fn a_window_begins_with_the_user_and_keeps_exchanges_whole() {
        let mut past = Conversation::default();
        let mut first = vec![entry(Message::user("1"))];
        first.extend(exchange("a"));
        first.push(entry(Message::assistant("done")));
        past.append(first, 100);
        past.append(
            vec![entry(Message::user("2")), entry(Message::assistant("x"))],
            100,
        );
        let draft = [entry(Message::user("3"))];
        assert_eq!(roles(&past.window(past.len(), &draft, 100)), "uatauau");
        assert_eq!(roles(&past.window(past.len(), &draft, 6)), "uau");
        assert_eq!(roles(&past.window(past.len(), &draft, 3)), "uau");
        assert_eq!(roles(&past.window(past.len(), &draft, 2)), "u");
        assert_eq!(roles(&past.window(past.len(), &draft, 0)), "u");
    }

    #[test]
    fn a_long_execution_keeps_its_prompt_and_its_last_exchanges() {
        let past = Conversation::default();
        let mut draft = vec![entry(Message::user("1"))];
        for id in ["a", "b", "c"] {
            draft.extend(exchange(id));
        }
        assert_eq!(roles(&past.window(past.len(), &draft, 5)), "uatat");
        assert_eq!(roles(&past.window(past.len(), &draft, 4)), "uat");
        assert_eq!(roles(&past.window(past.len(), &draft, 1)), "uat");
    }

    #[test]
    fn a_broken_off_draft_has_a_result_for_every_call() {
        let mut draft = Draft::default();
        draft.ask(&Message::user("go"), 0).unwrap();
        let calls = vec![Part::ToolCall(call("a")), Part::ToolCall(call("b"))];
        draft
            .answer(&Message::new(Role::Assistant, calls), 0)
            .unwrap();
        draft.resolve(1, call("b").answer("fine"));
        let mut kept = Conversation::default();
        kept.append(draft.end(0), 100);
        let seen = kept.to_value().unwrap().to_serde_json();
        assert_eq!(seen[1]["tool_calls"][1]["id"], "b");
        assert_eq!(seen[2]["tool_call_id"], "a");
        assert!(seen[2]["content"].as_str().unwrap().contains("cancelled"));
        assert_eq!(seen[3]["content"], "fine");
    }

    #[test]
    fn an_unanswered_prompt_leaves_no_trace() {
        let mut draft = Draft::default();
        draft.ask(&Message::user("go"), 0).unwrap();
        draft
            .answer(&Message::new(Role::Assistant, vec![]), 0)
            .unwrap();
        assert!(draft.end(0).is_empty());
    }

    /// Checks what every provider asks of a conversation.
    #[track_caller]
    fn check_valid(messages: &[Value]) {
        let roles = roles(messages);
        assert!(roles.starts_with('u'), "{roles}");
        let mut open = 0;
        for message in messages {
            let message: Message = message.clone().into_typed().unwrap();
            let (calls, results) = (message.tool_calls().count(), message.tool_results().count());
            assert_eq!(results, open, "{roles}");
            open = calls;
        }
    }

    proptest::proptest! {
        /// Executions that end anywhere, windows of any length: what is sent is valid after the last answer.
        #[test]
        fn every_window_is_valid(
            executions in proptest::collection::vec(proptest::collection::vec((0..4_usize, 0..5_usize), 0..6), 1..8),
            max in 1..12_usize,
        ) {
            let mut past = Conversation::default();
            for turns in executions {
                let mut draft = Draft::default();
                draft.ask(&Message::user("go"), 0).unwrap();
                check_valid(&past.window(past.len(), draft.entries(), max));
                for (calls, answered) in turns {
                    let calls: Vec<ToolCall> = (0..calls).map(|id| call(&id.to_string())).collect();
                    let parts = calls.iter().cloned().map(Part::ToolCall).collect();
                    draft.answer(&Message::new(Role::Assistant, parts), 0).unwrap();
                    for (index, call) in calls.iter().enumerate().take(answered) {
                        draft.resolve(index, call.answer("ok"));
                    }
                    if answered < calls.len() {
                        // It is broken off here.
                        break;
                    }
                    draft.close(0).unwrap();
                    check_valid(&past.window(past.len(), draft.entries(), max));
                }
                past.append(draft.end(0), max);
            }
            let last = [entry(Message::user("last"))];
            check_valid(&past.window(past.len(), &last, max));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut past = Conversation::default();
        for n in 0..2000 {
            let said = [Message::user(n.to_string()), Message::assistant("x")];
            past.append(said.map(entry).into(), 10);
        }
        assert!(past.entries.len() <= KEPT);
        assert_eq!(past.entries[0].role, Role::User);
        let bytes: usize = past
            .entries
            .iter()
            .map(|entry| measure(&entry.message))
            .sum();
        assert_eq!(past.bytes(), bytes);
    }
}
