use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn unknown_keys_warn_and_name_the_nearest() {
    let place = Place::new().with("llmspell.toml", "[runtime]\ntimout_ms = 5\n");
    assert_snapshot!(place.show(&["exec", "1"]), @r"
    1
    ---- stderr
    warning: llmspell.toml:2: unknown key 'runtime.timout_ms' (did you mean 'timeout_ms'?)
    [exit 0]
    ");
    assert_snapshot!(place.show(&["-q", "exec", "1"]), @r"
    1
    [exit 0]
    ");
}

#[test]
fn errors_show_file_line_column_and_the_line() {
    let place = Place::new().with(
        "llmspell.toml",
        "default_engine = \"lua\"\n[runtime]\ntimeout_ms = \"soon\"\n",
    );
    assert_snapshot!(place.show(&["exec", "1"]), @r#"
    ---- stderr
    error[config]: 'runtime.timeout_ms' must be a time in milliseconds or such as "30s", not the text 'soon'
      --> llmspell.toml:3:14
        2 | [runtime]
        3 | timeout_ms = "soon"
          |              ^
    [exit 78]
    "#);
    let place = Place::new().with("llmspell.toml", "[engines.lua]\nstdlib = \"saef\"\n");
    assert_snapshot!(place.show(&["exec", "1"]), @r#"
    ---- stderr
    error[config]: 'engines.lua.stdlib' must be one of none, safe, full, not 'saef'
      --> llmspell.toml:2:10
        1 | [engines.lua]
        2 | stdlib = "saef"
          |          ^
      help: did you mean 'safe'?
    [exit 78]
    "#);
    let place = Place::new().with("llmspell.toml", "a = [1,\n");
    assert_snapshot!(place.show(&["exec", "1"]), @r"
    ---- stderr
    error[config]: not valid TOML: unclosed array, expected `]`
      --> llmspell.toml:1:8
        1 | a = [1,
          |        ^
    [exit 78]
    ");
    assert_snapshot!(place.run(&["exec", "1", "--output", "json"]).json(), @r#"{"success":false,"error":{"kind":"config","message":"not valid TOML: unclosed array, expected `]`","file":"llmspell.toml","line":1,"column":8,"excerpt":"a = [1,","stack":[],"hints":[],"details":{}}}"#);
}

#[test]
fn strict_makes_unknown_keys_errors() {
    let place = Place::new().with(
        "llmspell.toml",
        "[config]\nstrict = true\n[runtime]\nsede = 1\n",
    );
    assert_snapshot!(place.show(&["exec", "1"]), @r"
    ---- stderr
    error[config]: unknown key 'runtime.sede'
      --> llmspell.toml:4:1
        3 | [runtime]
        4 | sede = 1
          | ^
      help: did you mean 'seed'?
    [exit 78]
    ");
}

#[test]
fn tables_of_tools_are_checked_like_all_others() {
    let place = Place::new().with(
        "llmspell.toml",
        "[tools.web-search]\nmax_reslts = 3\n[tools.web_search.providers.brave]\nbase_ulr = \"x\"\n",
    );
    assert_snapshot!(place.show(&["exec", "1"]), @r"
    1
    ---- stderr
    warning: llmspell.toml:4: unknown key 'tools.web_search.providers.brave.base_ulr' (did you mean 'base_url'?)
    warning: llmspell.toml:2: unknown key 'tools.web_search.max_reslts' (did you mean 'max_results'?)
    [exit 0]
    ");
    assert_snapshot!(place.show(&["--set", "config.strict=true", "exec", "1"]), @r#"
    ---- stderr
    error[config]: unknown key 'tools.web_search.providers.brave.base_ulr'
      --> llmspell.toml:4:1
        3 | [tools.web_search.providers.brave]
        4 | base_ulr = "x"
          | ^
      help: did you mean 'base_url'?
    [exit 78]
    "#);
    let place = Place::new().with(
        "llmspell.toml",
        "[tools.csv_analyzer]\nmax_rows = \"many\"\n",
    );
    assert_snapshot!(place.show(&["exec", "1"]), @r#"
    ---- stderr
    error[config]: 'tools.csv_analyzer.max_rows' must be an integer, not the text 'many'
      --> llmspell.toml:2:12
        1 | [tools.csv_analyzer]
        2 | max_rows = "many"
          |            ^
    [exit 78]
    "#);
}

#[test]
fn a_broken_file_stops_only_who_needs_it() {
    let place = Place::new().with("llmspell.toml", "a = = 1");
    for args in [
        &["completions", "bash"][..],
        &["api", "lua"],
        &["--help"],
        &["--version"],
        &["init", "-o", "new.toml"],
    ] {
        assert_eq!(place.run(args).code, 0, "{args:?}");
    }
    assert_eq!(place.run(&["exec", "1"]).code, 78);
    assert_eq!(place.run(&["validate"]).code, 1);
}

#[test]
fn the_order_is_flag_variable_profile_file() {
    let place = Place::new().with(
        "llmspell.toml",
        "[runtime]\nseed = 1\n[profiles.ci.runtime]\nseed = 2\n",
    );
    let seed = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command(args);
        command
            .args(["config", "get", "runtime.seed"])
            .envs(variables.iter().copied());
        place.ended(command.output().unwrap()).text()
    };
    assert_snapshot!(seed(&[], &[]), @r"
    1
    [exit 0]
    ");
    assert_snapshot!(seed(&["--profile", "ci"], &[]), @r"
    2
    [exit 0]
    ");
    assert_snapshot!(seed(&[], &[("LLMSPELL_PROFILE", "ci"), ("LLMSPELL_RUNTIME__SEED", "3")]), @r"
    3
    [exit 0]
    ");
    assert_snapshot!(seed(&["--set", "runtime.seed=4"], &[("LLMSPELL_RUNTIME__SEED", "3")]), @r"
    4
    [exit 0]
    ");
    assert_snapshot!(seed(&["--no-config"], &[]), @r"
    ---- stderr
    error[not_found]: 'runtime.seed' is not set
    [exit 1]
    ");
    assert_snapshot!(place.show(&["config", "get", "runtime.sede"]), @r"
    ---- stderr
    error[not_found]: unknown key 'runtime.sede' (did you mean 'seed'?)
    [exit 1]
    ");
    assert_snapshot!(seed(&["--profile", "cii"], &[]), @r"
    ---- stderr
    error[config]: there is no profile 'cii' (--profile)
      help: did you mean 'ci'?
    [exit 78]
    ");
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    let place = Place::new();
    let mut command = place.command(&["exec", "1"]);
    command.env("LLMSPELL_ALLOW_NETWORK_ACCESS", "perhaps");
    assert_snapshot!(place.ended(command.output().unwrap()).text(), @r"
    ---- stderr
    error[config]: 'security.allow_network_access' must be true or false, not the text 'perhaps' (environment variable LLMSPELL_ALLOW_NETWORK_ACCESS)
    [exit 78]
    ");
}

#[test]
fn an_explicit_file_must_exist() {
    let place = Place::new();
    assert_snapshot!(place.show(&["-c", "gone.toml", "exec", "1"]), @r"
    ---- stderr
    error[config]: there is no configuration file gone.toml
      help: `llmspell init -o gone.toml` writes one
    [exit 78]
    ");
}

#[test]
fn the_files_in_force_are_shown() {
    let place = Place::new().with("llmspell.toml", "");
    assert_snapshot!(place.show(&["config", "path"]), @r"
    [DIR]/work/llmspell.toml
    [exit 0]
    ");
    assert_snapshot!(place.run(&["--output", "json", "config", "path"]).json(), @r#"{"files":["[DIR]/work/llmspell.toml"],"profile":null,"data_dir":"[DIR]/home/.local/share/llmspell"}"#);
}

#[test]
fn values_are_set_and_comments_stay() {
    let place = Place::new().with("llmspell.toml", "# mine\n[runtime]\nseed = 1 # fixed\n");
    assert_snapshot!(place.show(&["config", "set", "runtime.seed", "2"]), @r"
    ---- stderr
    runtime.seed is set in llmspell.toml
    [exit 0]
    ");
    assert_snapshot!(place.show(&["config", "set", "engines.js.enable_console", "false"]), @r"
    ---- stderr
    engines.javascript.console is set in llmspell.toml
    [exit 0]
    ");
    assert_snapshot!(place.show(&["config", "set", "runtime.sede", "2"]), @r"
    ---- stderr
    error[config]: unknown key 'runtime.sede' (did you mean 'seed'?)
    [exit 78]
    ");
    assert_snapshot!(place.show(&["config", "set", "runtim.seed.x", "2"]), @r"
    ---- stderr
    error[config]: unknown key 'runtim' (did you mean 'runtime'?)
    [exit 78]
    ");
    assert_snapshot!(place.show(&["config", "set", "runtime.timeout_ms", "soon"]), @r#"
    ---- stderr
    error[config]: 'runtime.timeout_ms' must be a time in milliseconds or such as "30s", not the text 'soon'
    [exit 78]
    "#);
    assert_snapshot!(std::fs::read_to_string(place.path("llmspell.toml")).unwrap(), @r"
    # mine
    [runtime]
    seed = 2 # fixed

    [engines.javascript]
    console = false
    ");
}

#[test]
fn secrets_are_never_shown() {
    let place = Place::new().with(
        "llmspell.toml",
        "[providers.openai]\napi_key = 'sk-very-secret'\n",
    );
    for args in [
        &["config", "show"][..],
        &["validate", "--show"],
        &["exec", "Config.get('providers.openai.api_key')"],
        &["providers", "--detailed"],
    ] {
        let ended = place.run(args);
        assert!(!ended.text().contains("sk-very-secret"), "{args:?}");
    }
    assert_snapshot!(place.show(&["config", "get", "providers.openai.api_key"]), @r#"
    ***
    ---- stderr
    warning: llmspell.toml:2: 'providers.openai.api_key' stands in clear text; write "${VARIABLE}" and set the variable
    warning: llmspell.toml:2: llmspell.toml holds secrets and every user can read it (chmod 600)
    [exit 0]
    "#);
}

#[test]
fn an_unset_variable_is_an_error_of_who_uses_the_key() {
    let place = Place::new().with(
        "llmspell.toml",
        "[sessions]\npath = '${NOWHERE}/x'\n[providers.openai]\napi_key = '${MY_KEY}'\n",
    );
    assert_snapshot!(place.show(&["exec", "1"]), @r"
    ---- stderr
    error[config]: 'sessions.path' needs the environment variable NOWHERE, which is not set
      --> llmspell.toml:2:8
        1 | [sessions]
        2 | path = '${NOWHERE}/x'
          |        ^
      help: set NOWHERE, or write a default: ${NOWHERE:-…}
    [exit 78]
    ");
    assert_eq!(place.run(&["providers"]).code, 0);
    let place = Place::new().with(
        "llmspell.toml",
        "[providers.openai]\napi_key = '${MY_KEY}'\n",
    );
    let ended = place.run(&[
        "exec",
        "Agent.create{name='a', model='openai/gpt-4o'}:execute('hi')",
    ]);
    assert!(
        ended.code == 69 && ended.stderr.contains("MY_KEY"),
        "{}",
        ended.text()
    );
    // Nothing goes to another address than the one that was meant.
    let place = Place::new().with(
        "llmspell.toml",
        "[providers.openai]\nbase_url = '${GATEWAY}'\n",
    );
    let mut command = place.command(&[
        "exec",
        "Agent.create{name='a', model='openai/gpt-4o'}:execute('hi')",
    ]);
    command.env("OPENAI_API_KEY", "sk-not-for-anybody-else");
    let ended = place.ended(command.output().unwrap());
    assert!(
        ended.code == 78 && ended.stderr.contains("${GATEWAY}"),
        "{}",
        ended.text()
    );
}

#[test]
fn a_closed_network_leaves_no_remote_provider() {
    let place = Place::new();
    for set in ["security.allow_network_access=false", "security.level=safe"] {
        let code = "Agent.create{name='a', model='openai/gpt-4o'}:execute('hi')";
        let mut command = place.command(&["exec", code, "--set", set]);
        command.env("OPENAI_API_KEY", "sk-not-for-anybody-else");
        let ended = place.ended(command.output().unwrap());
        assert_eq!(ended.code, 69, "{}", ended.text());
        let local = place.run(&[
            "exec",
            "return Agent.create{name='a', model='mock/echo'}:execute('hi').text",
            "--set",
            set,
        ]);
        assert_eq!(local.stdout, "hi\n", "{}", local.text());
    }
}
