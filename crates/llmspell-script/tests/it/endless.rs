//! Scripts that a deadline has to stop.

use std::time::Duration;

use llmspell_core::Error;
use llmspell_script::Script;

use crate::world::{World, cx};

/// Runs a script until its deadline, and another one in the same VM, which must be free again.
pub(crate) async fn stopped(world: World, source: &str) -> Error {
    let patience = Duration::from_secs(60);
    let interpreter = world.engine.open().unwrap();
    let limited = cx().bounded(Some(Duration::from_millis(150)), None);
    let run = interpreter.eval(limited, Script::new("endless", source));
    let error = match tokio::time::timeout(patience, run).await {
        Ok(Err(error)) => error,
        other => panic!("{source}: {other:?}"),
    };
    let next = interpreter.eval(cx(), Script::new("next", ""));
    match tokio::time::timeout(patience, next).await {
        Ok(Ok(_)) => error,
        other => panic!("{source}: the next script: {other:?}"),
    }
}

/// Makes a test of each script, in a world of its own.
macro_rules! endless {
    ($world:expr; $($name:ident: $source:expr,)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let error = crate::endless::stopped($world, $source).await;
            assert_eq!(error.kind(), llmspell_core::Kind::Timeout, "{error:?}");
        }
    )* };
}
pub(crate) use endless;
