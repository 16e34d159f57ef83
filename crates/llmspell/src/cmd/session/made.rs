//! How sessions that scripts made are listed and shown.

use llmspell_core::Result;
use llmspell_runtime::session::{Made, Sessions};
use serde_json::{Value as Json, json};

use super::{Show, local, moment, money, tokens, tree};
use crate::desk::Desk;
use crate::output::Mode;

/// Shows a session that a script made, with the calls that were made for it.
pub(super) async fn show(sessions: &Sessions, made: &Made, args: &Show, desk: &Desk) -> Result<u8> {
    let calls = sessions.calls_for(made).await?;
    if desk.screen.mode == Mode::Json {
        let mut document = document(made);
        document["calls"] = serde_json::to_value(&calls).unwrap_or_default();
        desk.screen.document(&document);
        return Ok(0);
    }
    let mut text = head(made, desk);
    text.push('\n');
    let flat = args.journal || args.effects;
    for node in &calls {
        if flat {
            super::flat(node, args, &mut text);
        } else {
            tree(node, "", &mut text);
        }
    }
    desk.screen.line(&text);
    Ok(0)
}

fn head(made: &Made, desk: &Desk) -> String {
    let name = made.name.as_deref().unwrap_or_default();
    let mut text = format!("{} {} {name}\n", desk.heading(&made.id), made.stage.name());
    let mut fact = |name: &str, value: String| text.push_str(&format!("{name:<9}{value}\n"));
    fact("created", local(made.created_at));
    if let Some(ended) = made.completed_at {
        fact("ended", local(ended));
    }
    let texts = [
        ("about", &made.description),
        ("by", &made.created_by),
        ("parent", &made.parent),
        ("failed", &made.failure_reason),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            fact(name, value.clone());
        }
    }
    if !made.tags.is_empty() {
        fact("tags", made.tags.join(", "));
    }
    if made
        .custom
        .as_object()
        .is_some_and(|custom| !custom.is_empty())
    {
        fact("metadata", made.custom.to_string());
    }
    let failed = match made.totals.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    fact("calls", format!("{}{failed}", made.totals.calls));
    if made.holding.artifacts > 0 {
        let (count, bytes) = (made.holding.artifacts, made.holding.bytes);
        fact("artifacts", format!("{count}, {bytes} bytes"));
    }
    if let Some(tokens) = tokens(&made.totals.usage) {
        fact(
            "usage",
            format!("{tokens}, {}", money(made.totals.usage.cost_usd)),
        );
    }
    fact("runs", made.runs.join(" "));
    text
}

/// Returns a session that a script made, as a JSON document.
pub(super) fn document(made: &Made) -> Json {
    json!({
        "id": made.id,
        "name": made.name,
        "description": made.description,
        "tags": made.tags,
        "status": made.stage.name(),
        "created_at": moment(made.created_at),
        "updated_at": moment(made.updated_at),
        "completed_at": made.completed_at.and_then(moment),
        "created_by": made.created_by,
        "parent_session_id": made.parent,
        "failure_reason": made.failure_reason,
        "custom_metadata": made.custom,
        "runs": made.runs,
        "effects": made.totals.calls,
        "failed": made.totals.failed,
        "usage": llmspell_core::Value::Map(made.totals.usage.to_map()).to_serde_json(),
        "cost_usd": made.totals.usage.cost_usd,
        "unpriced": made.totals.unpriced,
        "artifact_count": made.holding.artifacts,
        "total_artifact_size": made.holding.bytes,
    })
}
