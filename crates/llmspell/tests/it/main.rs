//! The command as users run it: the real binary in a folder of its own, whole outputs as snapshots; and the spells below
//! `tests/scripts/`, which must mean the same in every language.

#![allow(clippy::unwrap_used)]

mod cli_artifact;
mod cli_attacks;
mod cli_audit;
mod cli_config;
mod cli_errors;
mod cli_events;
mod cli_exec;
mod cli_fetch;
mod cli_help;
mod cli_init;
mod cli_repl;
mod cli_run;
mod cli_secrets;
mod cli_session;
mod cli_state;
mod cli_stream;
mod cli_telemetry;
mod cli_tool;
mod cli_validate;
mod cli_workflow;
mod email_sender;
mod examples;
mod hook_points;
mod http_model;
mod library;
mod media;
mod pages;
mod place;
mod proc;
mod process_executor;
mod processes;
mod resume;
mod running;
mod scripts;
mod session_crash;
mod site;
mod state_crash;
mod tool_examples;
mod workflow_crash;

#[test]
fn every_file_here_is_listed() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let listed = std::fs::read_to_string(format!("{dir}/main.rs")).unwrap();
    for entry in std::fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        if name.starts_with('.') {
            continue;
        }
        let known = module == "main" || listed.contains(&format!("mod {module};"));
        assert!(known, "{name} is not listed in main.rs");
    }
}
