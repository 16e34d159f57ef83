//! `llmspell workflow validate`.

use std::path::PathBuf;

use clap::Args;
use llmspell::WorkflowSource;
use llmspell_runtime::workflow::{Remark, check};
use serde_json::{Value as Json, json};

use super::Opened;
use crate::desk::Desk;
use crate::exit::Ends;
use crate::output::{Mode, paint};

/// Check a workflow without running it.
#[derive(Args, Debug)]
pub(crate) struct Validate {
    /// Warnings are errors
    #[arg(long)]
    strict: bool,
    /// File in TOML or JSON, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn validate(args: Validate, mut desk: Desk) -> Ends {
    let opened = Opened::read(&args.file)?;
    let loaded = desk.load(Vec::new())?;
    let mut checked = opened.with(&loaded, check)?;
    for remarks in [&mut checked.errors, &mut checked.warnings] {
        remarks.sort_by_key(|remark| opened.source.position(&remark.pointer));
    }
    let valid = checked.errors.is_empty() && (!args.strict || checked.warnings.is_empty());
    let (name, source) = (&opened.script.name, &opened.source);
    if desk.screen.mode == Mode::Json {
        let all = |remarks: &[Remark]| -> Vec<Json> {
            remarks
                .iter()
                .map(|remark| document(remark, source))
                .collect()
        };
        desk.screen.document(&json!({
            "valid": valid,
            "path": name,
            "errors": all(&checked.errors),
            "warnings": all(&checked.warnings),
        }));
        return Ok(u8::from(!valid));
    }
    let counts = [
        ("error", checked.errors.len()),
        ("warning", checked.warnings.len()),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(word, count)| match count {
        1 => format!(", 1 {word}"),
        count => format!(", {count} {word}s"),
    });
    let verdict = if valid { "valid" } else { "not valid" };
    let mut text = format!("{name}: {verdict}{}\n", counts.collect::<String>());
    let remarks = checked
        .errors
        .iter()
        .map(|remark| ("error", "31;1", remark));
    let remarks = remarks.chain(
        checked
            .warnings
            .iter()
            .map(|remark| ("warning", "33;1", remark)),
    );
    for (level, color, remark) in remarks {
        let (line, _) = source.position(&remark.pointer);
        let level = paint(level, color, desk.screen.color);
        text.push_str(&format!("  {level}: line {line}: {}\n", remark.text));
    }
    desk.screen.line(&text);
    Ok(u8::from(!valid))
}

fn document(remark: &Remark, source: &WorkflowSource) -> Json {
    let (line, column) = source.position(&remark.pointer);
    json!({"line": line, "column": column, "pointer": remark.pointer, "message": remark.text})
}
