//! Declarations for editors.

use std::path::Path;
use std::sync::Arc;

use llmspell_core::Module;
use llmspell_script::lua_stubs;

use crate::world::{self, World};

fn stubs() -> String {
    let tools: Vec<_> = Module::hidden("util", "Tools.").op(world::tool()).ops;
    lua_stubs(&world::modules(&Arc::default()), &tools)
}

#[test]
fn stubs_are_those_of_the_golden_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/stubs.golden.lua");
    let (got, again) = (stubs(), stubs());
    assert_eq!(got, again);
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden != got && std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &got).unwrap();
        return;
    }
    assert_eq!(got, golden, "run with UPDATE=1 to renew the golden file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stubs_are_lua() {
    let world = World::new();
    world
        .run(&format!("Tool = {{}}\n{}", stubs()))
        .await
        .unwrap();
}
