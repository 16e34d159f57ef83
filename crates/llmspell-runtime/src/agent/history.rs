//! The conversation as scripts see it.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;

/// Returns the conversation: `{role, content, timestamp, tool_calls?}`, one item per tool result.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetConversation {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_conversation(cx: Cx, a: GetConversation) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let conversation = agent.conversation.lock();
    conversation.to_value()
}

/// Forgets the conversation.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ClearConversation {
    /// The agent.
    agent: Handle,
}

pub(super) async fn clear_conversation(cx: Cx, a: ClearConversation) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    agent.conversation.lock().clear();
    Ok(())
}
