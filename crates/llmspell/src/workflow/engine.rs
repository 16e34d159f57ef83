//! Running a workflow file as a spell.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Cx, Error, Kind, Result, Value};
use llmspell_runtime::workflow::run_checked;
use llmspell_script::{Engine, Interpreter, Script};

use super::WorkflowSource;

/// An engine whose scripts are workflow files, so that a file runs as a spell does: recorded, limited, watched.
///
/// The results of a run are the workflow's output and the result that `execute` gives scripts. A failed workflow is an
/// error of the failed step's kind, with the details `path` and `result`.
#[derive(Clone, Debug)]
pub struct WorkflowEngine {
    input: Value,
}

impl WorkflowEngine {
    /// Runs workflows with this input.
    pub fn new(input: Value) -> Self {
        Self { input }
    }
}

impl Engine for WorkflowEngine {
    fn name(&self) -> &'static str {
        "workflow"
    }

    fn open(&self) -> Result<Arc<dyn Interpreter>> {
        Ok(Arc::new(self.clone()))
    }

    fn check(&self, script: &Script) -> Result<()> {
        WorkflowSource::parse(&script.name, &script.source).map(drop)
    }

    fn is_incomplete(&self, _: &str) -> bool {
        false
    }
}

impl Interpreter for WorkflowEngine {
    fn eval(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>> {
        let input = self.input.clone();
        Box::pin(async move {
            let source = WorkflowSource::parse(&script.name, &script.source)?;
            let result = run_checked(&cx, source.config().clone(), input).await;
            let result = result.map_err(|error| source.placed(&script.name, error))?;
            match result.get("error") {
                None | Some(Value::Null) => {
                    let output = result.get("output").cloned().unwrap_or_default();
                    Ok(vec![output, result])
                }
                Some(error) => Err(failure(error, &result)),
            }
        })
    }

    fn complete(&self, _: &str) -> BoxFuture<'static, Vec<String>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// Makes an error of a failed execution.
fn failure(error: &Value, result: &Value) -> Error {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let path = match error.get("details").and_then(|details| details.get("path")) {
        Some(path) => text(Some(path)),
        None => text(error.get("location")),
    };
    let kind = Kind::from_name(&text(error.get("kind"))).unwrap_or(Kind::Execution);
    let (name, message) = (
        text(result.get("workflow_name")),
        text(error.get("message")),
    );
    let hints = error
        .get("hints")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let hints = hints.iter().filter_map(Value::as_str);
    let failed = Error::new(
        kind,
        format!("workflow '{name}' failed at '{path}': {message}"),
    );
    hints
        .fold(failed, |failed, hint| failed.hint(hint))
        .with("path", path)
        .with("result", result.clone())
}
