//! A world for calls that need none.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{
    Clock, Cx, Door, Environment, Host, Layer, Random, Result, Value, Worker, bail,
};

pub(crate) struct Nowhere;

impl Clock for Nowhere {
    fn now(&self) -> i64 {
        0
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(100)
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl Random for Nowhere {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(4);
    }
}

impl Environment for Nowhere {
    fn var(&self, _: &str) -> Option<String> {
        None
    }
}

impl Worker for Nowhere {
    fn run(&self, job: &'static str, _: Value, _: Duration) -> BoxFuture<'static, Result<Value>> {
        Box::pin(async move { bail!(Unavailable, "no worker for {job}") })
    }
}

pub(crate) fn host() -> Host {
    let nowhere = Arc::new(Nowhere);
    Host::closed(nowhere.clone(), nowhere.clone(), nowhere.clone(), nowhere)
}

pub(crate) fn cx(layers: Vec<Arc<dyn Layer>>) -> Cx {
    Cx::run("test", Arc::new(Door::new(layers)), host()).build()
}
