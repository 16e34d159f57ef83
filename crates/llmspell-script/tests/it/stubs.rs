//! Declarations for editors.

use std::path::Path;
use std::sync::Arc;

use llmspell_core::Module;
use llmspell_script::{lua_stubs, typescript_stubs};

use crate::world::{self, World};

type Stubs = fn(&[Module], &[Arc<llmspell_core::Op>]) -> String;

fn made(stubs: Stubs) -> String {
    let tools: Vec<_> = Module::hidden("util", "Tools.").op(world::tool()).ops;
    stubs(&world::modules(&Arc::default()), &tools)
}

#[track_caller]
fn is_golden(stubs: Stubs, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it")
        .join(file);
    let (got, again) = (made(stubs), made(stubs));
    assert_eq!(got, again);
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden != got && std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &got).unwrap();
        return;
    }
    assert_eq!(got, golden, "run with UPDATE=1 to renew the golden file");
}

#[test]
fn stubs_are_those_of_the_golden_files() {
    is_golden(lua_stubs, "stubs.golden.lua");
    is_golden(typescript_stubs, "llmspell.golden.d.ts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stubs_are_lua() {
    let world = World::new();
    world
        .run(&format!("Tool = {{}}\n{}", made(lua_stubs)))
        .await
        .unwrap();
}
