//! Scripts in TypeScript, run without their types.

use std::fs;

use llmspell_core::{Error, Kind, Result, Value};
use llmspell_script::{JavaScriptOptions, Script};

use crate::world::{World, cx};

async fn run(options: JavaScriptOptions, source: &str) -> Result<Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("lib/shapes.ts"), SHAPES).unwrap();
    let script = Script {
        dir: Some(folder.path().to_owned()),
        ..Script::new("test.ts", source)
    };
    World::javascript(options).engine.run(cx(), script).await
}

const SHAPES: &str = "export interface Point { x: number; y: number }
export const origin: Point = { x: 0, y: 0 };
export function fail(p: Point): never {
  throw new Error(`no ${p.x as number}`);
}";

#[track_caller]
fn is_at(error: &Error, line: i64, column: i64) {
    let detail = |name: &str| error.details().get(name).and_then(Value::as_int);
    assert_eq!(
        (detail("line"), detail("column")),
        (Some(line), Some(column)),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_are_taken_out_of_scripts_and_modules() {
    let got = run(
        JavaScriptOptions::default(),
        "import { type Point, origin } from './lib/shapes.ts';
         import type { Nothing } from './nowhere.ts';
         class Box<T> { constructor(v: T) { this.v = v } private readonly v!: T; get(): T { return this.v } }
         const p = { ...origin, x: 3 } satisfies Point;
         export default [p, new Box<string>('in').get(), await Test.slow(1) as number]",
    )
    .await;
    assert_eq!(got.unwrap()[0].to_string(), r#"[{"x":3,"y":0},"in",1]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_stand_where_they_were_written() {
    let raised = run(
        JavaScriptOptions::default(),
        "import { fail } from './lib/shapes.ts';\ntype A = {\n  a: string;\n};\nfail({ x: 1, y: 2 });",
    )
    .await
    .unwrap_err();
    assert_eq!((raised.kind(), raised.message()), (Kind::Script, "no 1"));
    assert_eq!(raised.details()["line"], Value::from(4));
    let stack = raised.details()["stack"].to_string();
    assert!(stack.contains(r#""file":"test.ts","line":5"#), "{stack}");

    let syntax = run(
        JavaScriptOptions::default(),
        "let a: number = 1\nlet b: = 2",
    )
    .await;
    let syntax = syntax.unwrap_err();
    assert_eq!(syntax.kind(), Kind::Parse);
    is_at(&syntax, 2, 8);

    let choice = run(JavaScriptOptions::default(), "enum E { A }").await;
    is_at(&choice.unwrap_err(), 1, 1);

    let deep = format!("let a = {}1{}", "(".repeat(3_000), ")".repeat(3_000));
    let deep = run(JavaScriptOptions::default(), &deep).await.unwrap_err();
    assert_eq!(deep.kind(), Kind::Limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_can_be_switched_off() {
    let options = JavaScriptOptions {
        typescript: false,
        ..JavaScriptOptions::default()
    };
    let refused = run(options, "let a: number = 1").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert_eq!(
        refused.hints(),
        ["set `engines.javascript.typescript = true`"]
    );
}
