//! Spells run from Rust.

use std::io;
use std::sync::Arc;

use llmspell::config::{Draft, Loaded, Selection, Surroundings};
use llmspell::{Options, SessionChoice, Spell};
use llmspell_core::{Kind, Value};
use llmspell_script::{Output, Stream};
use parking_lot::Mutex;

/// Keeps what a spell prints.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<u8>>);

impl Output for Kept {
    fn write(&self, _: Stream, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().extend_from_slice(bytes);
        Ok(())
    }
}

fn defaults(set: &[&str]) -> Loaded {
    let request = Selection {
        set: set
            .iter()
            .map(|&text| ("a test".to_owned(), text.to_owned()))
            .collect(),
        ..Selection::default()
    };
    let surroundings = Surroundings {
        cwd: "/nowhere".into(),
        ..Surroundings::default()
    };
    Draft::read(&request, &surroundings, &llmspell::names())
        .unwrap()
        .load()
        .unwrap()
}

fn silent(output: Arc<Kept>) -> Options {
    Options {
        session: SessionChoice::None,
        output,
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_and_output_come_back() {
    let output = Arc::new(Kept::default());
    let spell = Spell::new("x.lua", "print('hi', ...) return 6 * 7, {a = true}").args(["arg"]);
    let ran = spell
        .config(defaults(&[]))
        .options(silent(output.clone()))
        .run()
        .await
        .unwrap();
    let results = ran.results.unwrap();
    assert_eq!(results[0], Value::Int(42));
    assert_eq!(results[1].get("a"), Some(&Value::Bool(true)));
    assert_eq!((ran.engine, ran.session), ("lua", None));
    assert_eq!(*output.0.lock(), b"hi\targ\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_spell_raises_is_its_result() {
    let run = |source: &str, set: &[&str]| {
        Spell::new("x.lua", source)
            .config(defaults(set))
            .options(silent(Arc::default()))
            .run()
    };
    let error = run("error('boom')", &[])
        .await
        .unwrap()
        .results
        .unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Script, "boom"));
    let error = run("while true do end", &["runtime.timeout_ms=100"])
        .await
        .unwrap()
        .results
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extension_names_the_language() {
    let spell = Spell::new(
        "x.js",
        "export default await Tool.calculator({ input: '6 * 7' })",
    )
    .config(defaults(&[]))
    .options(silent(Arc::default()));
    let ran = spell.run().await.unwrap();
    assert_eq!(ran.engine, "javascript");
    let result = ran.results.unwrap().remove(0);
    assert_eq!(result.get("output").and_then(Value::as_int), Some(42));
}
