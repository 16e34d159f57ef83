//! Configurations as a whole: from files, variables and flags to the options.

use std::path::Path;

use llmspell_core::{Kind, Result};

use super::*;

fn surroundings(dir: &Path, variables: &[(&str, &str)]) -> Surroundings {
    Surroundings {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        cwd: dir.to_owned(),
        home: Some(dir.join("home")),
        system_config: None,
    }
}

fn names() -> Names {
    Names {
        providers: vec!["openai".into(), "mock".into()],
        tools: vec!["calculator".into()],
        ..Names::default()
    }
}

fn draft(
    text: &str,
    variables: &[(&str, &str)],
    request: Selection,
) -> (tempfile::TempDir, Result<Draft>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("llmspell.toml"), text).unwrap();
    let draft = Draft::read(&request, &surroundings(dir.path(), variables), &names());
    (dir, draft)
}

fn load(text: &str, variables: &[(&str, &str)], request: Selection) -> Result<Loaded> {
    draft(text, variables, request).1?.load()
}

#[test]
fn no_file_is_ever_needed() {
    let dir = tempfile::tempdir().unwrap();
    let loaded = Draft::read(
        &Selection::default(),
        &surroundings(dir.path(), &[]),
        &names(),
    )
    .unwrap()
    .load()
    .unwrap();
    assert_eq!(loaded.config.runtime.timeout_ms, 300_000);
    assert_eq!(
        loaded.data_dir,
        dir.path().join("home/.local/share/llmspell")
    );
    assert!(load("", &[], Selection::default()).is_ok());
}

#[test]
fn flags_beat_variables_beat_profiles_beat_files() {
    let text = "[runtime]\ntimeout_ms = 1\nseed = 1\nmax_memory = 1\nworkers = 1\n[profiles.ci.runtime]\ntimeout_ms = 2\nseed = 2\nmax_memory = 2";
    let request = Selection {
        profile: Some("ci".into()),
        set: vec![("--set".into(), "runtime.timeout_ms=4".into())],
        ..Selection::default()
    };
    let variables = [
        ("LLMSPELL_RUNTIME__TIMEOUT_MS", "3"),
        ("LLMSPELL_RUNTIME__SEED", "3"),
    ];
    let runtime = load(text, &variables, request).unwrap().config.runtime;
    assert_eq!(
        (
            runtime.timeout_ms,
            runtime.seed,
            runtime.max_memory,
            runtime.workers
        ),
        (4, Some(3), 2, Some(1))
    );
}

#[test]
fn no_config_keeps_variables() {
    let request = Selection {
        no_files: true,
        ..Selection::default()
    };
    let runtime = load(
        "[runtime]\nseed = 1",
        &[("LLMSPELL_SCRIPT_TIMEOUT", "9")],
        request,
    )
    .unwrap()
    .config
    .runtime;
    assert_eq!((runtime.seed, runtime.timeout_ms), (None, 9000));
}

#[test]
fn a_run_has_room_for_hooks() {
    let error = load("[hooks]\nmax_hooks = 0", &[], Selection::default()).unwrap_err();
    assert_eq!(
        error.message(),
        "'hooks.max_hooks' must be 1 or more, not 0"
    );
}

#[test]
fn errors_have_file_line_and_column() {
    let error = load("[runtime]\ntimeout_ms = 0", &[], Selection::default()).unwrap_err();
    let details = error.details();
    assert_eq!(error.kind(), Kind::Config);
    assert_eq!(details["file"].as_str(), Some("llmspell.toml"));
    assert_eq!(
        (details["line"].as_int(), details["column"].as_int()),
        (Some(2), Some(14))
    );
    let error = load(
        "",
        &[("LLMSPELL_ALLOW_NETWORK_ACCESS", "maybe")],
        Selection::default(),
    )
    .unwrap_err();
    assert_eq!(
        error.details()["variable"].as_str(),
        Some("LLMSPELL_ALLOW_NETWORK_ACCESS")
    );
}

#[test]
fn strict_makes_unknown_keys_errors() {
    let (_dir, draft) = draft("[runtime]\nsede = 1", &[], Selection::default());
    let draft = draft.unwrap();
    assert_eq!(
        draft.findings[0].text(),
        "unknown key 'runtime.sede' (did you mean 'seed'?)"
    );
    assert!(draft.load().is_ok());
    let error = load(
        "[config]\nstrict = true\n[runtime]\nsede = 1",
        &[],
        Selection::default(),
    )
    .unwrap_err();
    assert_eq!(error.hints(), ["did you mean 'seed'?"]);
}

#[test]
fn built_in_variables_are_expanded() {
    let (dir, draft) = draft(
        "[storage]\ndir = '${home}/d'\n[sessions]\npath = '${data_dir}/s'\n[logging]\nlevel = '${cwd}'",
        &[],
        Selection::default(),
    );
    let loaded = draft.unwrap().load().unwrap();
    assert_eq!(
        loaded.config.sessions.path,
        Some(dir.path().join("home/d/s"))
    );
    assert_eq!(
        loaded.config.logging.level,
        dir.path().display().to_string()
    );
    assert_eq!(loaded.data_dir, dir.path().join("home/d"));
}

#[test]
fn an_unset_variable_is_an_error_of_its_user() {
    let loaded = load(
        "[sessions]\npath = '${NOWHERE}'\n[providers.openai]\napi_key = '${MISSING}'",
        &[],
        Selection::default(),
    )
    .unwrap();
    assert!(loaded.require(&["runtime", "session"]).is_ok());
    let error = loaded.require(&["sessions"]).unwrap_err();
    assert_eq!(
        error.message(),
        "'sessions.path' needs the environment variable NOWHERE, which is not set"
    );
    assert_eq!(
        loaded.config.providers.instances["openai"]
            .api_key_env
            .as_deref(),
        Some("MISSING")
    );
}

#[test]
fn an_unset_variable_in_a_list_is_an_error_as_well() {
    let text = "[security.files]\nroots = ['${cwd}', '${NOWHERE}']\n[tools]\ndeny = ['${NOWHAT}']\n\
        [tools.web_search]\nfallback = ['brave', '${NOWHO}']";
    let loaded = load(text, &[], Selection::default()).unwrap();
    let message = |section: &str| loaded.require(&[section]).unwrap_err().message().to_owned();
    assert_eq!(
        message("security"),
        "'security.files.roots[2]' needs the environment variable NOWHERE, which is not set"
    );
    assert_eq!(
        message("tools.deny"),
        "'tools.deny[1]' needs the environment variable NOWHAT, which is not set"
    );
    let faulty: Vec<_> = loaded.faulty_tools().map(|(tool, _)| tool).collect();
    assert_eq!(faulty, ["web_search"]);
}

#[test]
fn an_unset_variable_of_a_tool_concerns_that_tool() {
    let text = "[tools]\ngrant = 'safe'\n[tools.http_request]\ndefault_headers = { x = '${NOWHERE}' }\n\
        [tools.web_search.providers.brave]\napi_key = '${MISSING}'";
    let loaded = load(text, &[], Selection::default()).unwrap();
    assert!(loaded.require(&["tools"]).is_ok());
    let faulty: Vec<_> = loaded.faulty_tools().collect();
    let [(tool, error)] = &*faulty else {
        panic!("{faulty:?}");
    };
    assert_eq!(tool, "http_request");
    assert_eq!(
        error.message(),
        "'tools.http_request.default_headers.x' needs the environment variable NOWHERE, which is not set"
    );
    let brave = &loaded.config.tools.each["web_search"]["providers"]["brave"];
    assert_eq!(brave, &serde_json::json!({"api_key_env": "MISSING"}));
    let all = load("[tools]\ngrant = '${NOWHERE}'", &[], Selection::default());
    let all = all.unwrap().require(&["tools"]);
    assert_eq!(all.unwrap_err().kind(), Kind::Config);
}

#[test]
fn a_provider_with_an_unset_variable_has_no_address() {
    let text = "[providers.openai]\nmodel = 'x'\nheaders = { x-team = '${TEAM}' }";
    let loaded = load(text, &[], Selection::default()).unwrap();
    let options = &loaded.config.providers.instances["openai"];
    assert_eq!(options.base_url.as_deref(), Some("${TEAM}"));
    let unset: Vec<_> = loaded.unset().collect();
    assert_eq!(unset, [("providers.openai.headers.x-team", "TEAM")]);
}

#[test]
fn dotenv_fills_gaps_only_when_asked() {
    let text = "[config]\ndotenv = true\n[logging]\nlevel = '${LEVEL:-none}'";
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".env"), "LEVEL=debug\nHOME=/wrong").unwrap();
    std::fs::write(dir.path().join("llmspell.toml"), text).unwrap();
    let world = surroundings(dir.path(), &[("HOME", "/right")]);
    let level = |world: &Surroundings| {
        Draft::read(&Selection::default(), world, &names())
            .unwrap()
            .load()
            .unwrap()
            .config
            .logging
            .level
    };
    assert_eq!(level(&world), "debug");
    std::fs::write(
        dir.path().join("llmspell.toml"),
        text.replace("true", "false"),
    )
    .unwrap();
    assert_eq!(level(&world), "none");
}

#[test]
fn the_effective_configuration_has_defaults_and_no_secrets() {
    let loaded = load("[runtime]\nseed = 5\n[providers.openai]\napi_key = 'sk-1'\n[tools.calculator]\nenabled = false\n[hooks]\nmax_hooks = 3", &[], Selection::default()).unwrap();
    let effective = loaded.effective();
    assert_eq!(effective["runtime"]["seed"], 5);
    assert_eq!(effective["runtime"]["timeout_ms"], 300_000);
    assert_eq!(effective["providers"]["openai"]["api_key"], HIDDEN);
    assert_eq!(effective["tools"]["calculator"]["enabled"], false);
    assert_eq!(effective["hooks"]["max_hooks"], 3);
    assert!(!effective.to_string().contains("sk-1"));
}

#[test]
fn profiles_may_use_synonyms() {
    let request = Selection {
        profile: Some("x".into()),
        ..Selection::default()
    };
    let loaded = load(
        "[profiles.x.runtime.security]\nlevel = 'safe'",
        &[],
        request,
    )
    .unwrap();
    assert_eq!(loaded.config.security.level, llmspell_core::Level::Safe);
}
