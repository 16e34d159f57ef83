//! A script in a folder with other files.

use std::fs;
use std::path::Path;

use llmspell_core::{Result, Value};
use llmspell_script::Script;

use crate::world::{World, cx};

/// Writes files into a folder, lets `before` see it, and runs `main` of it; returns the folder as well.
pub(crate) async fn run(
    world: World,
    main: &str,
    files: &[(&str, &str)],
    before: impl FnOnce(&Path),
) -> (Result<Vec<Value>>, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("spell");
    for (name, source) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    before(&root);
    let name = root.join(main).display().to_string();
    let script = Script {
        dir: Some(root.clone()),
        ..Script::new(name, fs::read_to_string(root.join(main)).unwrap())
    };
    let outcome = world.engine.run(cx(), script).await;
    (outcome, root.display().to_string())
}
