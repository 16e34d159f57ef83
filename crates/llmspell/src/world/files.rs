//! Which files a run sees, and which of its tools see fewer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use llmspell_core::{Host, Level, Result, error};
use llmspell_runtime::host::{FileRules, SystemFiles};

use crate::config::{Loaded, Security, current_dir, run_tmp};

/// Returns the files of a run. Its own directory in them is made by who first needs it.
///
/// - Errors: `Io` without a working directory.
pub(super) fn files(security: &Security) -> Result<SystemFiles> {
    let (rules, own) = rules(security);
    Ok(SystemFiles::new(rules, current_dir()?, own))
}

/// Returns the rules of files and where the run's own directory will be.
fn rules(security: &Security) -> (FileRules, PathBuf) {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let mut rules = security.files.clone();
    let planned = run_tmp();
    // Further runs of one process have directories of their own.
    let own = match RUNS.fetch_add(1, Ordering::Relaxed) {
        0 => planned.clone(),
        count => planned.with_extension(count.to_string()),
    };
    for root in rules.roots.iter_mut().chain(&mut rules.read_only_roots) {
        if let Ok(rest) = Path::new(root.as_str()).strip_prefix(&planned) {
            *root = own.join(rest).display().to_string();
        }
    }
    // The whole file system is nobody's working directory by accident.
    if security.level != Level::Privileged {
        let at_top = std::env::current_dir().is_ok_and(|cwd| cwd == Path::new("/"));
        rules
            .roots
            .retain(|root| root != "/" && !(at_top && root == "${cwd}"));
    }
    (rules, own)
}

/// Returns the worlds of tools that see fewer files than the run.
///
/// - Errors: `Config` for a table of a tool that is wrong.
pub(super) fn narrower(
    loaded: &Loaded,
    host: &Host,
    files: Option<SystemFiles>,
) -> Result<HashMap<String, Arc<Host>>> {
    let mut narrower = HashMap::new();
    let Some(files) = files else {
        return Ok(narrower);
    };
    for (tool, table) in loaded.config.tools.tables() {
        let Some(own) = table.get("files") else {
            continue;
        };
        let own = over(files.rules(), own).map_err(|cause| {
            error!(Config, "[tools.{tool}.files]: {cause}")
                .hint("it takes the keys of [security.files]")
        })?;
        let host = Host {
            files: Arc::new(files.narrowed(&own, &format!("tools.{tool}.files"))),
            ..host.clone()
        };
        narrower.insert(tool.clone(), Arc::new(host));
    }
    Ok(narrower)
}

/// Lays written keys over rules.
fn over(rules: &FileRules, written: &serde_json::Value) -> serde_json::Result<FileRules> {
    let mut all = serde_json::to_value(rules)?;
    if let (Some(all), Some(written)) = (all.as_object_mut(), written.as_object()) {
        all.extend(written.clone());
    }
    serde_json::from_value(all)
}
