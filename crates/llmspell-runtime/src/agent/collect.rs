//! Long answers as artifacts.

use llmspell_core::{Cx, Map, Value};

use super::instance::Agent;
use crate::artifact::{self, AGENT_OUTPUT, Made};
use crate::tool::Tools;

/// Returns an answer whose text, if it is longer than a preview, is an artifact of the session as well: its id is in
/// `metadata.artifacts`. An answer that cannot be stored is none the worse for it.
pub(super) async fn collected(cx: &Cx, agent: &Agent, mut answer: Value) -> Value {
    let text = answer.get("text").and_then(Value::as_str);
    let Some(text) = text.filter(|text| is_long(cx, text)) else {
        return answer;
    };
    let Some(session) = artifact::collecting(cx).await else {
        return answer;
    };
    let model = answer.get("model").cloned().unwrap_or_default();
    let made = Made {
        session: Some(session.to_string()),
        kind: AGENT_OUTPUT.to_owned(),
        name: format!("{}-{}", agent.name(), cx.id()),
        content: cx.host().secrets.strike(text).into_owned().into(),
        is_text: true,
        mime_type: None,
        tags: Vec::new(),
        custom: Map::from([("agent", agent.name().into()), ("model", model)]),
        parent: None,
        created_by: format!("agent:{}", agent.name()),
    };
    match artifact::save(cx, made).await {
        Ok(kept) => attach(&mut answer, kept.id.to_value()),
        Err(failure) => {
            tracing::warn!(target: "llmspell::artifact", "the answer of an agent could not be stored: {failure}");
        }
    }
    answer
}

fn is_long(cx: &Cx, text: &str) -> bool {
    let tools = cx.part::<Tools>();
    tools.is_ok_and(|tools| text.len() > tools.options().preview_bytes)
}

fn attach(answer: &mut Value, id: Value) {
    if let Value::Map(members) = answer
        && let Value::Map(metadata) = members
            .entry("metadata".to_owned())
            .or_insert_with(|| Value::Map(Map::new()))
    {
        metadata.insert("artifacts", Value::List(vec![id]));
    }
}
