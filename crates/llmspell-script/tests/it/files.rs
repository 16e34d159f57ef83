//! Modules beside the script.

use std::fs;
use std::path::Path;

use llmspell_core::{Kind, Result, Value};

use crate::folder;
use crate::world::{World, text};

async fn run(files: &[(&str, &str)], before: impl FnOnce(&Path)) -> (Result<Vec<Value>>, String) {
    folder::run(World::new(), "main.lua", files, before).await
}

async fn first(files: &[(&str, &str)]) -> Value {
    run(files, |_| {}).await.0.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modules_are_found_and_loaded_once() {
    let got = first(&[
        ("main.lua", "local a, where = require('a') local b = require 'b' local c = require('sub.c') local d = require('d')
            return {a.n, require('a') == a, b, c, d, count, package.loaded.a == a, where:match('[^/]+$')}"),
        ("a.lua", "count = (count or 0) + 1 local name, path = ... return {n = name}"),
        ("b/init.lua", "return 'b'"),
        ("sub/c.lua", "return Test.slow('c')"),
        ("lib/d.lua", "x = 1"),
    ])
    .await;
    assert_eq!(got.to_string(), r#"["a",true,"b","c",true,1,true,"a.lua"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_name_the_module_file() {
    let (outcome, root) = run(
        &[
            ("main.lua", "require('bad')"),
            ("bad.lua", "local x = 1\nerror('inside')"),
        ],
        |_| {},
    )
    .await;
    let error = outcome.unwrap_err();
    assert_eq!(error.message(), "inside");
    assert_eq!(error.details()["file"], text(&format!("{root}/bad.lua")));
    assert_eq!(error.details()["line"], Value::Int(2));
    let stack = error.details()["stack"].to_string();
    assert!(stack.contains("main.lua"), "{stack}");
    let (outcome, root) = run(
        &[("main.lua", "\nrequire('bad')"), ("bad.lua", "x = = 1")],
        |_| {},
    )
    .await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.details()["file"].clone()),
        (Kind::Parse, text(&format!("{root}/bad.lua")))
    );
    assert_eq!(error.details()["line"], Value::Int(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circles_are_told() {
    let (outcome, _) = run(
        &[
            ("main.lua", "require('a')"),
            ("a.lua", "require('b')"),
            ("b.lua", "require('a')"),
        ],
        |_| {},
    )
    .await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidState);
    assert!(
        error.message().contains("'a' requires itself"),
        "{}",
        error.message()
    );
    let (outcome, _) = run(
        &[
            ("main.lua", "return Async.all({function() require('a') end, function() require('b') end}, {settle=true})[1].ok"),
            ("a.lua", "Test.slow(1) require('b')"),
            ("b.lua", "Test.slow(1) require('a')"),
        ],
        |_| {},
    )
    .await;
    assert!(outcome.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_the_folder_is_loaded() {
    let outside = |root: &Path| {
        fs::write(root.parent().unwrap().join("secret.lua"), "return 'secret'").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret.lua", root.join("link.lua")).unwrap();
    };
    for source in [
        "require('link')",
        "dofile('link.lua')",
        "loadfile('../secret.lua')",
        "dofile('../secret.lua')",
        "dofile('/etc/passwd')",
    ] {
        let (outcome, _) = run(&[("main.lua", source)], outside).await;
        assert_eq!(outcome.unwrap_err().kind(), Kind::Denied, "{source}");
    }
    let (outcome, _) = run(&[("main.lua", "require('...secret')")], outside).await;
    assert!(matches!(
        outcome.unwrap_err().kind(),
        Kind::NotFound | Kind::Denied
    ));
    let error = World::new().error("require('x')").await;
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dofile_and_loadfile() {
    let got = first(&[
        ("main.lua", "local f = loadfile('part.lua') local g = loadfile('part.lua', 't', {x = 'own'}) x = 'global'
            return {dofile('part.lua'), f(), g(), select(2, loadfile('nothing.lua')), (select(2, loadfile('bad.lua')))}"),
        ("part.lua", "return x"),
        ("bad.lua", "x = = 1"),
    ])
    .await;
    let got = got.to_string();
    assert!(
        got.starts_with(r#"["global","global","own","file 'nothing.lua' not found","#),
        "{got}"
    );
}
