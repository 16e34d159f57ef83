//! Modules beside a JavaScript script.

use std::fs;
use std::path::Path;

use llmspell_core::{Kind, Result, Value};
use llmspell_script::{JavaScriptOptions, ModuleResolution};

use crate::folder;
use crate::world::{World, text};

async fn run(
    options: JavaScriptOptions,
    files: &[(&str, &str)],
    before: impl FnOnce(&Path),
) -> (Result<Vec<Value>>, String) {
    folder::run(World::javascript(options), "main.js", files, before).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modules_are_found_and_loaded_once() {
    let got = run(
        Default::default(),
        &[
            (
                "main.js",
                "import { n, count } from './a.js'; import * as again from './sub/../a.js'; import c from './sub/c.js';
                 import data from './data.json' with { type: 'json' }; import short from './sub';
                 const lazy = await import('./lazy.js');
                 export default [n, again.n === n, count(), c, data.list[1], short, lazy.default]",
            ),
            ("a.js", "let loads = 0; loads += 1; export const n = {}; export const count = () => loads"),
            ("sub/c.js", "import { up } from '../up.js'; export default await Test.slow(up)"),
            ("sub/index.js", "export default 'index'"),
            ("up.js", "export const up = 'up'"),
            ("data.json", "{ \"list\": [1, 2] }\n"),
            ("lazy.js", "export default 'lazy'"),
        ],
        |_| {},
    )
    .await
    .0;
    assert_eq!(
        got.unwrap()[0].to_string(),
        r#"[{},true,1,"up",2,"index","lazy"]"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_name_the_module_file() {
    for (source, kind, message, line) in [
        (
            "const x = 1;\nthrow new Error('inside')",
            Kind::Script,
            "inside",
            2,
        ),
        (
            "await null;\nawait Test.fail('io', 'disk')",
            Kind::Io,
            "disk",
            2,
        ),
        ("let x = 1;\n\nfoo bar", Kind::Parse, "expecting ';'", 3),
        (
            "import './nothing.js'",
            Kind::NotFound,
            "module './nothing.js' not found",
            0,
        ),
    ] {
        for load in ["import './bad.js'", "await import('./bad.js')"] {
            let files = [("main.js", load), ("bad.js", source)];
            let (outcome, root) = run(Default::default(), &files, |_| {}).await;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.message()), (kind, message), "{source}");
            if line > 0 {
                let at = format!("{root}/bad.js:{line}");
                assert_eq!(error.details()["at"], text(&at), "{source}: {error:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_the_folder_is_loaded() {
    for (name, kind) in [
        ("../secret.js", Kind::Denied),
        ("./sub/../../secret.js", Kind::Denied),
        ("/etc/passwd", Kind::Denied),
        ("./link.js", Kind::Denied),
        ("./linked/secret.js", Kind::Denied),
        ("fs", Kind::NotFound),
        ("node:fs", Kind::NotFound),
        ("std", Kind::NotFound),
        ("os", Kind::NotFound),
        ("file:///etc/passwd", Kind::NotFound),
        ("https://example.com/x.js", Kind::NotFound),
        ("", Kind::NotFound),
        (".", Kind::NotFound),
    ] {
        let main = format!("await import('{name}')");
        let (outcome, _) = run(Default::default(), &[("main.js", &main)], |root| {
            let outside = root.parent().unwrap();
            fs::write(outside.join("secret.js"), "export default 1").unwrap();
            std::os::unix::fs::symlink(outside.join("secret.js"), root.join("link.js")).unwrap();
            std::os::unix::fs::symlink(outside, root.join("linked")).unwrap();
        })
        .await;
        assert_eq!(outcome.unwrap_err().kind(), kind, "{name}");
    }
    let error = World::javascript(Default::default())
        .error("import './x.js'")
        .await;
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circles_of_imports_work() {
    let files = [
        ("main.js", "import { a } from './a.js'; export default a()"),
        (
            "a.js",
            "import { b } from './b.js'; export const name = 'a'; export const a = () => b()",
        ),
        (
            "b.js",
            "import { name } from './a.js'; export const b = () => name + 'b'",
        ),
    ];
    let got = run(Default::default(), &files, |_| {}).await.0.unwrap();
    assert_eq!(got, [text("ab")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_are_found_where_asked_for() {
    let files = [
        (
            "main.js",
            "import { x } from 'pack'; import y from 'single'; export default [x, y]",
        ),
        (
            "node_modules/pack/package.json",
            r#"{ "main": "./lib/index.js" }"#,
        ),
        (
            "node_modules/pack/lib/index.js",
            "export { x } from './x.js'",
        ),
        ("node_modules/pack/lib/x.js", "export const x = 1"),
        ("node_modules/single/index.js", "export default 2"),
    ];
    let options = JavaScriptOptions {
        module_resolution: ModuleResolution::Node,
        ..Default::default()
    };
    let got = run(options, &files, |_| {}).await.0.unwrap();
    assert_eq!(got[0].to_string(), "[1,2]");
    let error = run(Default::default(), &files, |_| {}).await.0.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
}
