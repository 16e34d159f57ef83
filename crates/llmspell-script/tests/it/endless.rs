//! Scripts that a deadline has to stop.

use std::time::Duration;

use llmspell_core::Error;

use crate::world::{World, cx};

pub(crate) async fn stopped(world: World, source: &str) -> Error {
    let limited = cx().bounded(Some(Duration::from_millis(150)), None);
    let run = world.run_with(limited, source);
    match tokio::time::timeout(Duration::from_secs(60), run).await {
        Ok(Err(error)) => error,
        other => panic!("{source}: {other:?}"),
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
