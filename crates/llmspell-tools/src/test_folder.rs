//! A directory in which a test lets a tool work.

use std::path::{Path, PathBuf};

use llmspell_core::{Error, Op, Outcome, Result};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::test_world::{Place, call_at, call_in};

/// A permitted directory, and room beside it that is not.
pub(crate) struct Folder {
    whole: TempDir,
    root: PathBuf,
    op: fn() -> Op,
}

impl Folder {
    pub(crate) fn of(op: fn() -> Op) -> Self {
        let whole = tempfile::tempdir().unwrap();
        let root = whole.path().join("in");
        std::fs::create_dir(&root).unwrap();
        Self {
            root: root.canonicalize().unwrap(),
            whole,
            op,
        }
    }

    /// The permitted directory, links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What lies beside it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.whole.path().join(name)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A path as the tool shows it.
    pub(crate) fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn call(&self, args: Json) -> Result<Outcome> {
        call_in(&self.root, (self.op)(), args)
    }

    /// Calls the tool under a configuration of its own.
    pub(crate) fn configured(&self, settings: Json, args: Json) -> Result<Outcome> {
        let op = (self.op)();
        let place = Place::default().files(&self.root);
        call_at(&place.settings(op.verb(), settings).cx(), op, args)
    }

    #[track_caller]
    pub(crate) fn run(&self, args: Json) -> Outcome {
        match self.call(args.clone()) {
            Ok(outcome) => outcome,
            Err(error) => panic!("{args}: {error:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn data(&self, args: Json) -> Json {
        self.run(args).data.to_serde_json()
    }

    #[track_caller]
    pub(crate) fn fails(&self, args: Json) -> Error {
        match self.call(args) {
            Ok(outcome) => panic!("expected an error, got {outcome:?}"),
            Err(error) => error,
        }
    }
}
