use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn tools_are_listed_by_category_and_level() {
    let place = Place::new();
    let all = place.run(&["tool", "list"]);
    assert_eq!(all.code, 0);
    let names: Vec<&str> = all
        .stdout
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_snapshot!(names.join(" "), @"api_tester archive_handler audio_processor base64_encoder calculator csv_analyzer data_validation database_connector date_time_handler diff_calculator email_sender environment_reader file_converter file_operations file_search file_watcher graphql_query hash_calculator http_request image_processor json_processor process_executor service_checker sitemap_crawler system_monitor template_engine text_manipulator url_analyzer uuid_generator video_processor web_scraper web_search webhook_caller webpage_monitor");
    assert_snapshot!(place.show(&["tool", "list", "--category", "data"]), @r"
    NAME                LEVEL       DESCRIPTION
    csv_analyzer        safe        Inspects, filters, reshapes and converts tables: separated values, spreadsheets, Parquet
    database_connector  restricted  Runs SQL on SQLite, PostgreSQL, MySQL and MariaDB
    json_processor      safe        Queries, checks and changes JSON: jq, JSON Schema, paths, merging, patches
    [exit 0]
    ");
    assert_snapshot!(place.show(&["tool", "list", "--level", "privileged"]), @r"
    NAME  CATEGORY  LEVEL  DESCRIPTION
    [exit 0]
    ");
    assert_snapshot!(place.show(&["tool", "list", "--category", "dat"]), @r"
    ---- stderr
    error[not_found]: no tool has the category 'dat'
      help: there are: api, data, filesystem, media, system, utility, web
    [exit 1]
    ");
    let first = &place.run(&["tool", "list", "--output", "json"]).json()[0];
    assert_snapshot!(first["name"], @r#""api_tester""#);
}

#[test]
fn a_disabled_tool_stays_listed_and_is_not_called() {
    let place = Place::new().with("llmspell.toml", "[tools.calculator]\nenabled = false\n");
    let list = place.run(&["tool", "list"]).stdout;
    assert!(
        list.lines()
            .any(|line| line.starts_with("calculator") && line.ends_with("(disabled)")),
        "{list}"
    );
    assert_snapshot!(place.show(&["tool", "run", "calculator", "input=1"]), @r"
    ---- stderr
    error[unavailable]: calculator.evaluate: Tool 'calculator' is disabled
      help: set `enabled = true` in [tools.calculator]
    [exit 69]
    ");
}

#[test]
fn a_tool_is_described() {
    let place = Place::new();
    let ended = place.run(&["tool", "info", "Base64-Encoder"]);
    for part in [
        "base64_encoder 1.0.0",
        "category    utility",
        "PARAMETER",
        "JSON SCHEMA",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
    let json = place
        .run(&["tool", "info", "calculator", "--output", "json"])
        .json();
    assert_eq!(json["name"], "calculator");
    let schema = &json["json_schema"];
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_snapshot!(place.show(&["tool", "info", "calculater"]), @r"
    ---- stderr
    error[not_found]: Tool 'calculater' not found
      help: did you mean 'calculator' or 'diff_calculator'?
    [exit 1]
    ");
}

#[test]
fn a_tool_is_run() {
    let place = Place::new().with("params.json", r#"{"input": "2*3"}"#);
    assert_snapshot!(place.show(&["tool", "run", "calculator", "input=sqrt((1+2)*3)"]), @r"
    3
    [exit 0]
    ");
    assert_snapshot!(place.show(&["tool", "invoke", "calculator", "--params", "@params.json"]), @r"
    6
    [exit 0]
    ");
    assert_snapshot!(place.show(&["tool", "run", "calculator", "operation=add", "a:=1.5", "b:=2"]), @r"
    3.5
    [exit 0]
    ");
    assert_snapshot!(place.run_with_input(&["tool", "run", "calculator", "--params", "-"], r#"{"input": "7"}"#).text(), @r"
    7
    [exit 0]
    ");
    assert_snapshot!(place.run(&["tool", "run", "calculator", "input=1", "--output", "json"]).json()["success"], @"true");
}

#[test]
fn a_failing_tool_fails() {
    let place = Place::new();
    assert_snapshot!(place.show(&["tool", "run", "calculator", "input=1/0"]), @r"
    ---- stderr
    error[execution]: calculator.evaluate: division by zero at position 2
      1/0
       ^
    [exit 1]
    ");
    let ended = place.run(&["tool", "run", "calculator", "input=1/0", "--output", "json"]);
    assert_eq!(
        (ended.code, ended.json()["success"].as_bool()),
        (1, Some(false))
    );
    assert_snapshot!(place.show(&["tool", "run", "calculator", "inptu=1"]), @r"
    ---- stderr
    error[invalid_args]: calculator: unknown parameter 'inptu'
      help: did you mean 'input'?
    [exit 1]
    ");
    assert_snapshot!(place.show(&["tool", "run", "nothing"]), @r"
    ---- stderr
    error[not_found]: Tool 'nothing' not found
      help: `llmspell tool list` shows the 34 that there are
    [exit 1]
    ");
    assert_snapshot!(place.show(&["tool", "run", "calculator", "novalue"]), @r"
    ---- stderr
    error[invalid_args]: 'novalue' is not of the form KEY=VALUE or KEY:=JSON
    [exit 2]
    ");
    assert_snapshot!(place.show(&["tool", "run", "calculator", "--params", "@gone.json"]), @r"
    ---- stderr
    error[not_found]: there is no file gone.json
    [exit 66]
    ");
    assert_snapshot!(place.show(&["tool", "run", "calculator", "--params", "{"]), @r"
    ---- stderr
    error[parse]: not valid JSON: EOF while parsing an object at line 1, column 1
      help: --params takes a JSON object, @FILE, or - for standard input
    [exit 2]
    ");
}

#[test]
fn a_dry_run_checks_and_does_nothing() {
    let place = Place::new();
    assert_snapshot!(place.show(&["tool", "run", "calculator", "input=1+1", "--dry-run"]), @r#"
    would call calculator with {"input":"1+1"} (effect pure)
    [exit 0]
    "#);
    assert_snapshot!(place.show(&["tool", "run", "calculator", "precision=many", "--dry-run"]), @r#"
    ---- stderr
    error[invalid_args]: calculator: parameter 'precision' must be integer, got string ("many")
      help: `llmspell tool info calculator` lists the parameters
    [exit 1]
    "#);
}

#[test]
fn output_is_saved() {
    let place = Place::new();
    assert_snapshot!(place.show(&["tool", "run", "calculator", "input=6*7", "--save", "out.txt"]), @"[exit 0]");
    assert_eq!(
        std::fs::read_to_string(place.path("out.txt")).unwrap(),
        "42"
    );
}
