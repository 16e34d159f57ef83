use std::sync::Arc;

use futures::FutureExt;
use llmspell_core::{Cx, Handle, Map, Op, Outcome, Result, ToolInfo, Value, value::from_json};
use schemars::JsonSchema;
use serde::Deserialize;

/// Finds lines.
///
/// Slowly.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct Search {
    /// Text to look for.
    #[schemars(extend("x-synonyms" = ["needle"]))]
    pattern: String,
    /// Most hits.
    #[serde(default)]
    max_hits: Option<u32>,
    /// Places to look at.
    #[serde(default)]
    paths: Vec<String>,
    /// Follow links.
    #[serde(default)]
    follow: bool,
    /// Order of the hits.
    #[serde(default)]
    order: Option<Order>,
    /// What a hit looks like.
    #[serde(default)]
    style: Option<Style>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct Style {
    max_width: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Up,
    Down,
}

async fn search(_: Cx, _: Search) -> Result<Outcome> {
    Ok(Outcome::default())
}

fn tool() -> Op {
    Op::new("search", search).tool(ToolInfo::new("filesystem"))
}

fn args(json: &str) -> Value {
    from_json(json).unwrap()
}

fn prepared(json: &str) -> Result<String> {
    tool().prepare(args(json)).map(|(args, _)| args.to_string())
}

fn refused(json: &str) -> String {
    let error = prepared(json).unwrap_err();
    format!("{error}; {}", error.hints().join("; "))
}

#[test]
fn the_shape_comes_from_the_struct() {
    let op = tool();
    assert_eq!(op.docs(), "Finds lines.\n\nSlowly.");
    let lines: Vec<String> = op
        .shape()
        .fields()
        .iter()
        .map(|f| {
            format!(
                "{} {} {} {:?} {:?}",
                f.name,
                f.type_name(),
                f.required,
                f.synonyms,
                f.choices
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"pattern string true ["needle"] []"#,
            "max_hits integer false [] []",
            "paths array false [] []",
            "follow boolean false [] []",
            r#"order string false [] ["up", "down"]"#,
            "style object false [] []",
        ]
    );
    assert!(!op.shape().json_schema().to_string().contains("needle"));
}

#[test]
fn tools_convert_what_text_can_mean() {
    assert_eq!(
        prepared(r#"{"needle":"x","maxHits":"7","follow":"true","paths":"src"}"#).unwrap(),
        r#"{"pattern":"x","max_hits":7,"follow":true,"paths":["src"]}"#
    );
    assert_eq!(
        prepared(r#"{"pattern":"x","max_hits":5.0,"paths":{}}"#).unwrap(),
        r#"{"pattern":"x","max_hits":5.0,"paths":{}}"#
    );
}

fn two_types() -> Op {
    let schema = serde_json::json!({"type": "object", "properties": {
        "retry": {"type": ["boolean", "object"], "properties": {
            "statuses": {"type": "array", "items": {"type": "integer"}},
        }},
        "version": {"type": ["number", "string"]},
        "input": {"type": ["string", "array"], "items": true},
        "values": {"type": "array", "items": {"type": "number"}},
        "mode": {"type": "string", "enum": ["left-right", "both"], "x-other-choices": {"lr": "left-right"}},
        "count": {"type": "integer", "minimum": 1, "maximum": 5},
        "operation": {"type": "string", "enum": ["read", "write"], "default": "read"},
    }});
    let info = ToolInfo::new("utility")
        .needs(&["write"], &["input", "values"])
        .needs(&["write"], &["version", "retry.version"]);
    Op::dynamic("t", schema, |_, args| async { Ok(args) }).tool(info)
}

#[test]
fn parameters_of_several_types_are_converted_where_one_meaning_is_left() {
    for (given, taken) in [
        (r#"{"retry":"false"}"#, r#"{"retry":false}"#),
        (
            r#"{"retry":{"statuses":"503"}}"#,
            r#"{"retry":{"statuses":[503]}}"#,
        ),
        (r#"{"version":"5"}"#, r#"{"version":"5"}"#),
        (r#"{"values":"5"}"#, r#"{"values":[5]}"#),
        (r#"{"values":2.5}"#, r#"{"values":[2.5]}"#),
    ] {
        let (taken_args, _) = two_types().prepare(args(given)).unwrap();
        assert_eq!(taken_args.to_string(), taken);
    }
    for (given, complaint) in [
        (
            r#"{"input":5}"#,
            "parameter 'input' must be string or array, got integer (5)",
        ),
        (
            r#"{"values":"x"}"#,
            "parameter 'values' must be array, got string (\"x\")",
        ),
        (
            r#"{"retry":"no"}"#,
            "parameter 'retry' must be boolean or object, got string (\"no\")",
        ),
    ] {
        assert_eq!(
            two_types().prepare(args(given)).unwrap_err().message(),
            complaint
        );
    }
}

#[test]
fn values_are_checked_as_far_as_the_tool_says() {
    let refused = |given: &str| {
        two_types()
            .check(&args(given))
            .map_err(|error| error.message().to_owned())
    };
    for allowed in [
        r#"{"mode":"LEFT_RIGHT","count":5}"#,
        r#"{"mode":"lr"}"#,
        r#"{"operation":"Write","input":"x","version":"2"}"#,
        r#"{"operation":"write","values":[],"version":"2"}"#,
        r#"{"operation":"write","input":"x","retry":{}}"#,
        "{}",
    ] {
        assert_eq!(refused(allowed), Ok(()), "{allowed}");
    }
    for (given, complaint) in [
        (
            r#"{"mode":"rl"}"#,
            "unknown mode 'rl', expected one of: left-right, both",
        ),
        (
            r#"{"count":6}"#,
            "parameter 'count' must be between 1 and 5, got 6",
        ),
        (
            r#"{"operation":"reed"}"#,
            "unknown operation 'reed', expected one of: read, write",
        ),
        (
            r#"{"operation":"write"}"#,
            "Missing required parameter 'input' for t operation 'write'",
        ),
        (
            r#"{"operation":"WRITE","input":"x","version":null}"#,
            "Missing required parameter 'version' for t operation 'write'",
        ),
    ] {
        assert_eq!(refused(given).unwrap_err(), complaint);
    }
    assert!(
        !two_types()
            .shape()
            .json_schema()
            .to_string()
            .contains("x-other")
    );
}

#[test]
fn what_is_missing_says_what_will_do() {
    let missing = |given| two_types().check_needs(&args(given)).unwrap_err();
    let error = missing(r#"{"operation":"write"}"#);
    assert_eq!(error.op_name(), Some("tool:t.write"));
    assert_eq!(error.hints(), ["one of these will do: input, values"]);
    assert!(error.is_misshapen());
    let error = missing(r#"{"operation":"write","input":"x"}"#);
    assert_eq!(
        error.hints(),
        ["one of these will do: version, retry.version"]
    );
}

#[test]
fn models_are_told_that_tools_take_nothing_else() {
    let closed = |op: Op| op.json_schema()["additionalProperties"].clone();
    assert_eq!(closed(two_types()), serde_json::json!(false));
    let function = Op::new("search", search);
    assert_eq!(closed(function), serde_json::Value::Null);
    assert_eq!(closed(two_types().open()), serde_json::Value::Null);
    let any = Op::dynamic(
        "any",
        serde_json::json!({"type": "object"}),
        |_, args| async { Ok(args) },
    );
    assert_eq!(
        closed(any.tool(ToolInfo::new("utility"))),
        serde_json::Value::Null
    );
}

#[test]
fn misfits_are_named() {
    assert_eq!(
        refused(r#"{"patern":"x"}"#),
        "tool:search: unknown parameter 'patern' (did you mean 'pattern'?); did you mean 'pattern'?"
    );
    assert_eq!(
        refused("{}"),
        "tool:search: Missing required parameter 'pattern' for search; pattern: Text to look for."
    );
    assert_eq!(
        refused(r#"{"pattern":"x","max_hits":5.5}"#),
        "tool:search: parameter 'max_hits' must be integer, got number (5.5); "
    );
    assert_eq!(
        refused(r#"{"pattern":["x"]}"#),
        "tool:search: parameter 'pattern' must be string, got array; "
    );
    for twice in [
        r#"{"pattern":"x","needle":"y"}"#,
        r#"{"needle":"y","pattern":"x"}"#,
    ] {
        assert_eq!(
            refused(twice),
            "tool:search: 'pattern' and 'needle' mean the same and differ; give one of them"
        );
    }
    assert_eq!(
        refused("[1]"),
        "tool:search: expected a table of parameters, got array; "
    );
}

#[test]
fn functions_warn_about_what_they_do_not_know() {
    let op = Op::new("search", search);
    let (kept, warnings) = op
        .prepare(args(r#"{"pattern":"x","colour":"red","patern":1}"#))
        .unwrap();
    assert_eq!(kept.to_string(), r#"{"pattern":"x"}"#);
    assert_eq!(warnings.len(), 2);
    assert_eq!(
        warnings[1],
        "unknown parameter 'patern' (did you mean 'pattern'?)"
    );
    let (kept, warnings) = op
        .prepare(args(
            r#"{"pattern":"x","style":{"maxWidth":8,"max_with":9}}"#,
        ))
        .unwrap();
    assert_eq!(
        kept.to_string(),
        r#"{"pattern":"x","style":{"max_width":8}}"#
    );
    assert_eq!(
        warnings,
        ["unknown parameter 'style.max_with' (did you mean 'max_width'?)"]
    );
}

#[test]
fn a_misfit_within_a_parameter_is_named() {
    let op = Op::new("search", search);
    let cx = crate::world::cx(Vec::new());
    let misfit = args(r#"{"pattern":"x","style":{"max_width":"wide"}}"#);
    let error = cx
        .call(&Arc::new(op), misfit)
        .now_or_never()
        .unwrap()
        .unwrap_err();
    assert_eq!(
        error.message(),
        "parameter 'style.max_width': expected an integer, got string"
    );
}

#[test]
fn values_are_bound_by_position_or_by_name() {
    let op = Op::new("search", search);
    let by_name = op.bind(vec![args(r#"{"pattern":"x"}"#)]).unwrap();
    let by_position = op.bind(vec!["x".into(), 3.into(), Value::Null]).unwrap();
    assert_eq!(by_name.to_string(), r#"{"pattern":"x"}"#);
    assert_eq!(by_position.to_string(), r#"{"pattern":"x","max_hits":3}"#);
    let nothing = Op::dynamic(
        "list",
        serde_json::json!({"type": "object"}),
        |_, args| async { Ok(args) },
    );
    assert_eq!(nothing.bind(vec![args("{}")]).unwrap().to_string(), "{}");
    let error = op.bind(vec![1.into(); 9]).unwrap_err();
    assert_eq!(error.message(), "takes at most 6 arguments, got 9");
}

#[test]
fn how_many_values_are_passed_may_say_what_they_are() {
    let op = Op::new("search", search).forms(&[&["pattern"], &["paths", "pattern"]]);
    let bound = |values: Vec<Value>| op.bind(values).map(|bound| bound.to_string());
    assert_eq!(bound(vec!["x".into()]).unwrap(), r#"{"pattern":"x"}"#);
    assert_eq!(
        bound(vec!["x".into(), Value::Null]).unwrap(),
        r#"{"paths":"x","pattern":null}"#
    );
    for values in [vec![], vec![Value::Null; 3]] {
        let given = values.len();
        assert_eq!(
            bound(values).unwrap_err().message(),
            format!("takes (pattern) or (paths, pattern), got {given} arguments")
        );
    }
}

/// Looks into an agent.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct Look {
    agent: Handle,
    input: Value,
}

#[test]
fn a_method_takes_its_handle_first() {
    async fn look(_: Cx, _: Look) -> Result<()> {
        Ok(())
    }
    let handle = Value::Handle(Handle::new("agent", "1", Map::new()));
    let positional = Arc::new(Op::new("look", look).on("agent").positional());
    let bound = positional
        .bind(vec![handle.clone(), args(r#"{"text":"x"}"#)])
        .unwrap();
    assert_eq!(bound.get("input").unwrap().to_string(), r#"{"text":"x"}"#);
    let table = Op::new("look", look).on("agent");
    let bound = table
        .bind(vec![handle.clone(), args(r#"{"input":"x"}"#)])
        .unwrap();
    assert_eq!(
        (bound.get("agent"), bound.get("input")),
        (Some(&handle), Some(&"x".into()))
    );
}

/// Options that may stand in the place of a function are called options when one of them is unknown.
#[test]
fn a_member_is_named_as_the_user_calls_its_table() {
    let schema = serde_json::json!({"type": "object", "properties": {
        "handler": {"x-means": "options", "anyOf": [{"type": "object", "properties": {"limit": {"type": "integer"}}}]},
    }});
    let op = Op::dynamic("watch", schema, |_, args| async { Ok(args) });
    let (_, warnings) = op.prepare(args(r#"{"handler":{"limits":1}}"#)).unwrap();
    assert_eq!(
        warnings,
        ["unknown parameter 'options.limits' (did you mean 'limit'?)"]
    );
    assert!(!op.shape().json_schema().to_string().contains("x-means"));
}
