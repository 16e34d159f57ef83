//! Which calls a policy lets through, for scripts and for models.

use std::sync::Arc;

use llmspell_core::{Effect, Kind, Level, Map, ToolInfo};
use llmspell_runtime::layer::{Options, Policy};

use crate::world::{echo, op, plain};

#[tokio::test]
async fn a_model_may_be_granted_less_than_the_script() {
    let policy = Policy {
        agent_grant: Some(Level::Safe),
        ..Policy::default()
    };
    let cx = plain(Options {
        policy: Arc::new(policy),
        ..Options::default()
    });
    let tool = ToolInfo::new("filesystem").level(Level::Restricted);
    let tool = Arc::new(op("file_search", Effect::Read, |_, args| async { Ok(args) }).tool(tool));
    cx.call(&tool, Map::new().into()).await.unwrap();
    let inner = tool.clone();
    // What a tool calls that a model chose, the model chose.
    let outer = Arc::new(
        op("wrapper", Effect::Read, move |cx, args| {
            let inner = inner.clone();
            async move { cx.call(&inner, args).await }
        })
        .tool(ToolInfo::new("agents")),
    );
    let chosen = cx.by_model();
    for op in [&tool, &outer] {
        let error = chosen.call(op, Map::new().into()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
        assert!(error.message().contains("not permitted"), "{error}");
    }
}

#[tokio::test]
async fn a_denied_effect_does_not_happen() {
    let policy = Policy {
        deny_effects: vec![Effect::Once],
        ..Policy::default()
    };
    let cx = plain(Options {
        policy: Arc::new(policy),
        ..Options::default()
    });
    cx.call(&echo("read", Effect::Read), Map::new().into())
        .await
        .unwrap();
    let never = Arc::new(op("send", Effect::Once, |_, _| async {
        panic!("it happened")
    }));
    assert_eq!(
        cx.call(&never, Map::new().into()).await.unwrap_err().kind(),
        Kind::Denied
    );
}
