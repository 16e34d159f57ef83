use serde_json::json;

use super::*;
use crate::test_world::{Place, call, call_in, call_on, fails};

const PEOPLE: &str = "name,age,city\nAnn,31,Berlin\nBob,25,New York\nCyd,,Berlin\nDee,40,Oslo\n";

fn data(mut args: serde_json::Value) -> serde_json::Value {
    if args.get("input").is_none() && args.get("path").is_none() {
        args["input"] = PEOPLE.into();
    }
    call(op(), args).unwrap().data.to_serde_json()
}

#[test]
fn analyze_reports_every_column() {
    let outcome = call(op(), json!({"input": PEOPLE})).unwrap();
    assert_eq!(outcome.operation, "analyze");
    let found = outcome.data.to_serde_json();
    assert_eq!(found["row_count"], 4);
    assert_eq!(found["rows"], 4);
    assert_eq!(found["column_count"], 3);
    assert_eq!(found["encoding"], "utf-8");
    assert_eq!(found["delimiter"], ",");
    assert_eq!(found["has_headers"], true);
    assert_eq!(found["file_size_bytes"], PEOPLE.len());
    assert_eq!(found["parse_errors"], json!([]));
    let age = &found["columns"][1];
    assert_eq!(age["name"], "age");
    assert_eq!(age["data_type"], "integer");
    assert_eq!(age["null_count"], 1);
    assert_eq!(age["mean"], 32.0);
    assert_eq!(age["median"], 31.0);
    assert_eq!(
        (&age["min_value"], &age["max_value"]),
        (&json!(25), &json!(40))
    );
    assert_eq!(found["columns"][2]["unique_count"], 3);
    assert_eq!(
        found["columns"][2]["sample_values"],
        json!(["Berlin", "New York", "Oslo"])
    );
}

#[test]
fn odd_rows_are_noted() {
    let outcome = call(op(), json!({"input": "a,b\n1,2\n3\n4,5,6\n"})).unwrap();
    assert_eq!(
        outcome.data.get("parse_errors").unwrap().to_serde_json(),
        json!([
            {"row": 2, "message": "the row has 1 fields, expected 2"},
            {"row": 3, "message": "the row has 3 fields, expected 2"},
        ])
    );
    assert_eq!(outcome.metadata["warnings"].as_list().unwrap().len(), 1);
    assert_eq!(data(json!({"input": ""}))["row_count"], 0);
    assert_eq!(data(json!({"input": "a,b\n"}))["row_count"], 0);
}

#[test]
fn parse_gives_typed_objects() {
    let text = "n,f,b,d,code,text\n1,1.5,true,2026-01-31,007,nan\n2,2,FALSE,,012,x\n";
    assert_eq!(
        data(json!({"operation": "parse", "input": text})),
        json!([
            {"n": 1, "f": 1.5, "b": true, "d": "2026-01-31", "code": "007", "text": "nan"},
            {"n": 2, "f": 2.0, "b": false, "d": null, "code": "012", "text": "x"},
        ])
    );
    assert_eq!(
        data(json!({"operation": "to_json", "columns": ["age"], "filter": "age > 30"})),
        json!([{"age": 31}, {"age": 40}])
    );
    assert_eq!(
        data(json!({"operation": "read", "input": "1;2\n3;4\n", "has_headers": false})),
        json!([{"column_1": 1, "column_2": 2}, {"column_1": 3, "column_2": 4}])
    );
    assert_eq!(
        data(json!({"operation": "parse", "input": "a|b\nNA|1\n", "null_values": ["NA"]})),
        json!([{"a": null, "b": 1}])
    );
    assert_eq!(
        data(json!({"operation": "parse", "input": "a,a,\n1,2,3\n", "headers": true})),
        json!([{"a": 1, "a_2": 2, "column_3": 3}])
    );
}

#[test]
fn convert_writes_every_text_format() {
    let input = "a,b\n1,x|y\n2,<z>\n";
    let as_format =
        |format: &str| data(json!({"operation": "convert", "input": input, "format": format}));
    assert_eq!(
        as_format("json"),
        json!([{"a": 1, "b": "x|y"}, {"a": 2, "b": "<z>"}])
    );
    assert_eq!(
        as_format("jsonl"),
        json!("{\"a\":1,\"b\":\"x|y\"}\n{\"a\":2,\"b\":\"<z>\"}\n")
    );
    assert_eq!(as_format("tsv"), json!("a\tb\n1\tx|y\n2\t<z>\n"));
    assert_eq!(as_format("csv"), json!(input));
    assert_eq!(
        as_format("markdown"),
        json!("| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2 | <z> |\n")
    );
    assert_eq!(
        as_format("html"),
        json!(
            "<table>\n<thead><tr><th>a</th><th>b</th></tr></thead>\n<tbody>\n<tr><td>1</td><td>x|y</td></tr>\n<tr><td>2</td><td>&lt;z&gt;</td></tr>\n</tbody>\n</table>\n"
        )
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "convert", "input": input, "format": "xml"})
        )
        .kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn sheets_and_parquet_come_back_as_they_went() {
    let dir = tempfile::tempdir().unwrap();
    let cx = Place::default().files(dir.path()).cx();
    let input = "n,f,b,d,text\n1,1.5,true,2026-01-31,ü\n,2.5,false,,x\n-3,,,1969-12-30,\n";
    let rows = data(json!({"operation": "parse", "input": input}));
    for format in ["xlsx", "parquet"] {
        let path = format!("t.{format}");
        let written = call_on(
            &cx,
            op(),
            json!({"operation": "convert", "input": input, "target_path": path}),
        )
        .await
        .unwrap();
        assert_eq!(written.data.get("format").unwrap().as_str(), Some(format));
        assert!(dir.path().join(&path).is_file());
        let read = call_on(&cx, op(), json!({"operation": "parse", "path": path}))
            .await
            .unwrap();
        assert_eq!(read.data.to_serde_json(), rows, "{format}");
        let inline = data(json!({"operation": "convert", "input": input, "format": format}));
        assert_eq!(
            (&inline["encoding"], &inline["format"]),
            (&"base64".into(), &format.into())
        );
        let again = data(json!({"operation": "convert", "input": input, "format": format}));
        assert_eq!(inline, again);
    }
    let missing = json!({"path": "t.xlsx", "sheet": "Nowhere"});
    assert_eq!(
        call_on(&cx, op(), missing).await.unwrap_err().kind(),
        Kind::NotFound
    );
    let by_number = json!({"path": "t.xlsx", "sheet": 1});
    assert!(call_on(&cx, op(), by_number).await.is_ok());
    for name in ["bad.xlsx", "bad.parquet"] {
        std::fs::write(dir.path().join(name), b"PK\x03\x04 nothing of the sort").unwrap();
        let error = call_on(&cx, op(), json!({"path": name})).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Parse, "{error:?}");
    }
}

#[test]
fn rows_are_filtered() {
    let filtered = |filter: &str| data(json!({"operation": "filter", "filter": filter}));
    assert_eq!(
        filtered("age > 30"),
        json!("name,age,city\nAnn,31,Berlin\nDee,40,Oslo\n")
    );
    assert_eq!(
        filtered("city == New York"),
        json!("name,age,city\nBob,25,New York\n")
    );
    assert_eq!(
        data(json!({"operation": "where", "filter": "age > 100"})),
        json!("name,age,city\n")
    );
    assert_eq!(
        data(json!({"operation": "query", "filter": "name ~ ^A", "as": "rows"})),
        json!([{"name": "Ann", "age": 31, "city": "Berlin"}])
    );
    assert_eq!(
        fails(op(), json!({"operation": "filter", "input": PEOPLE})).message(),
        "Missing required parameter 'filter' for csv_analyzer operation 'filter'"
    );
    let error = fails(
        op(),
        json!({"operation": "filter", "input": PEOPLE, "filter": "agee > 1"}),
    );
    assert_eq!(error.hints(), ["did you mean 'age'?"]);
}

#[test]
fn rows_are_taken() {
    assert_eq!(
        data(json!({"operation": "head", "size": 1})),
        json!("name,age,city\nAnn,31,Berlin\n")
    );
    assert_eq!(
        data(json!({"operation": "tail", "size": 1})),
        json!("name,age,city\nDee,40,Oslo\n")
    );
    assert_eq!(
        data(json!({"operation": "tail", "size": 0})),
        json!("name,age,city\n")
    );
    let sample = |size| data(json!({"operation": "sample", "size": size, "as": "rows"}));
    assert_eq!(sample(2).as_array().unwrap().len(), 2);
    assert_eq!(sample(2), sample(2));
    assert_eq!(sample(9).as_array().unwrap().len(), 4);
    assert_eq!(
        fails(
            op(),
            json!({"operation": "head", "input": PEOPLE, "size": -1})
        )
        .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        data(json!({"operation": "select", "columns": ["city", "name"], "filter": "age == 25"})),
        json!("city,name\nNew York,Bob\n")
    );
    let dedupe = data(json!({"operation": "dedupe", "columns": "city"}));
    assert_eq!(
        dedupe,
        json!("name,age,city\nAnn,31,Berlin\nBob,25,New York\nDee,40,Oslo\n")
    );
    assert_eq!(
        data(json!({"operation": "dedupe", "input": "a\n1\n1\n2\n"})),
        json!("a\n1\n2\n")
    );
}

#[test]
fn rows_are_sorted() {
    let names = |args: serde_json::Value| {
        let mut args = args;
        args["operation"] = "sort".into();
        args["as"] = "rows".into();
        args["columns"] = json!(["name"]);
        let rows = data(args);
        let names: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect();
        names.join(" ")
    };
    assert_eq!(names(json!({"sort_by": "age"})), "Bob Ann Dee Cyd");
    assert_eq!(
        names(json!({"sort_by": "age", "descending": true})),
        "Dee Ann Bob Cyd"
    );
    assert_eq!(
        names(json!({"sort_by": ["city", "-age"]})),
        "Ann Cyd Bob Dee"
    );
    assert_eq!(
        names(json!({"sort_by": ["city", "name"], "descending": [false, true]})),
        "Cyd Ann Bob Dee"
    );
}

#[test]
fn columns_are_added_renamed_and_dropped() {
    assert_eq!(
        data(json!({
            "operation": "transform", "input": "unit price,count\n2.5,4\n,1\n",
            "add_columns": {"total": "`unit price` * count", "one": 1}, "rename_columns": {"count": "n"},
            "drop_columns": "unit price"
        })),
        json!("n,total,one\n4,10,1\n1,,1\n")
    );
    assert_eq!(
        data(
            json!({"operation": "transform", "input": "a,b\n1,2\n", "add_columns": {"a": "a + b"}})
        ),
        json!("a,b\n3,2\n")
    );
    let failing = |args: serde_json::Value| fails(op(), args);
    let error = failing(
        json!({"operation": "transform", "input": PEOPLE, "add_columns": {"x": "city + 1"}}),
    );
    assert_eq!(error.kind(), Kind::Execution);
    assert_eq!(
        error.message(),
        "row 1: column 'x' cannot be computed: 'Berlin' in 'city' is no number"
    );
    let unknown = failing(
        json!({"operation": "transform", "input": PEOPLE, "add_columns": {"x": "agge + 1"}}),
    );
    assert_eq!(unknown.hints(), ["did you mean 'age'?"]);
    let twice = failing(
        json!({"operation": "transform", "input": PEOPLE, "rename_columns": {"age": "name"}}),
    );
    assert_eq!(twice.message(), "two columns would be called 'name'");
    let syntax =
        failing(json!({"operation": "transform", "input": PEOPLE, "add_columns": {"x": "age +"}}));
    assert_eq!(syntax.kind(), Kind::Parse);
}

#[test]
fn groups_are_summed_up() {
    assert_eq!(
        data(json!({
            "operation": "aggregate", "group_by": "city",
            "aggregations": {"n": "count()", "ages": "count(age)", "total": "sum(age)", "oldest": "max(age)", "who": "first(name)"}
        })),
        json!([
            {"city": "Berlin", "n": 2, "ages": 1, "total": 31, "oldest": 31, "who": "Ann"},
            {"city": "New York", "n": 1, "ages": 1, "total": 25, "oldest": 25, "who": "Bob"},
            {"city": "Oslo", "n": 1, "ages": 1, "total": 40, "oldest": 40, "who": "Dee"},
        ])
    );
    assert_eq!(
        data(json!({"operation": "group_by", "group_by": ["city"]})),
        json!([{"city": "Berlin", "count": 2}, {"city": "New York", "count": 1}, {"city": "Oslo", "count": 1}])
    );
    assert_eq!(
        data(json!({
            "operation": "aggregate",
            "aggregations": {"mean": "avg(age)", "median": "median(age)", "least": "min(age)", "last": "last(name)", "cities": "unique(city)", "std": "std_dev(age)"}
        })),
        json!([{"mean": 32, "median": 31, "least": 25, "last": "Dee", "cities": 3, "std": 6.164_414_002_968_976}])
    );
    let error = fails(
        op(),
        json!({"operation": "aggregate", "input": PEOPLE, "aggregations": {"x": "total(age)"}}),
    );
    assert!(
        error
            .message()
            .contains("expected one of: count, sum, mean"),
        "{error:?}"
    );
}

#[test]
fn tables_are_joined() {
    let ages = "id,age\n1,31\n2,25\n2,26\n4,40\n";
    let names = "id,name,age\n1,Ann,x\n2,Bob,y\n3,Cyd,z\n";
    let joined = |how: &str| {
        data(json!({"operation": "join", "input": names, "with": ages, "on": "id", "how": how}))
            .as_str()
            .unwrap()
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(joined("inner"), "1,Ann,x,31 2,Bob,y,25 2,Bob,y,26");
    assert_eq!(joined("left"), "1,Ann,x,31 2,Bob,y,25 2,Bob,y,26 3,Cyd,z,");
    assert_eq!(joined("right"), "1,Ann,x,31 2,Bob,y,25 2,Bob,y,26 4,,,40");
    assert_eq!(
        joined("outer"),
        "1,Ann,x,31 2,Bob,y,25 2,Bob,y,26 3,Cyd,z, 4,,,40"
    );
    assert_eq!(joined("semi"), "1,Ann,x 2,Bob,y");
    assert_eq!(joined("anti"), "3,Cyd,z");
    let renamed = data(
        json!({"operation": "join", "input": names, "with": "key,town\n1,Bonn\n", "on": {"id": "key"}}),
    );
    assert_eq!(renamed, json!("id,name,age,town\n1,Ann,x,Bonn\n"));
    let clash = data(
        json!({"operation": "join", "input": names, "with": ages, "on": "id", "how": "inner"}),
    );
    assert!(
        clash
            .as_str()
            .unwrap()
            .starts_with("id,name,age,age_right\n")
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "join", "input": names, "on": "id"})
        )
        .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "join", "input": names, "with": ages})
        )
        .kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn validate_lists_what_is_wrong() {
    let outcome = call(
        op(),
        json!({"operation": "validate", "input": PEOPLE, "rules": {"age": ["required", "range:30-50"], "name": "unique"}}),
    )
    .unwrap();
    assert_eq!(outcome.primary(), &Value::Bool(false));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "valid": false,
            "errors": [
                {"row": 2, "column": "age", "value": "25", "rule": "range:30-50", "error": "expected 30 to 50"},
                {"row": 3, "column": "age", "value": "", "rule": "required", "error": "a value is required"},
            ],
            "total_rows": 4,
            "error_count": 2,
        })
    );
    let valid = call(
        op(),
        json!({"operation": "validate", "input": PEOPLE, "options": {"rules": {"name": "required"}}}),
    );
    assert_eq!(valid.unwrap().primary(), &Value::Bool(true));
    let unknown = fails(
        op(),
        json!({"operation": "validate", "input": PEOPLE, "rules": {"age": "rage:1-2"}}),
    );
    assert_eq!(unknown.kind(), Kind::InvalidArgs);
}

#[test]
fn options_hold_any_parameter() {
    assert_eq!(
        data(json!({"operation": "head", "options": {"limit": 1, "columns": ["name"]}})),
        json!("name\nAnn\n")
    );
    assert_eq!(
        data(json!({"operation": "head", "size": 2, "options": {"size": 1, "columns": "name"}})),
        json!("name\nAnn\nBob\n")
    );
    let unknown = fails(op(), json!({"input": PEOPLE, "options": {"siez": 1}}));
    assert_eq!(
        unknown.message(),
        "unknown parameter 'siez' (did you mean 'size'?)"
    );
}

#[test]
fn files_are_read_and_written() {
    let dir = tempfile::tempdir().unwrap();
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode("name;town\nJosé;Köln\nAndré;Zürich\n");
    std::fs::write(dir.path().join("in.csv"), &latin).unwrap();
    let report = call_in(dir.path(), op(), json!({"path": "in.csv"})).unwrap();
    assert_eq!(
        report.data.get("encoding").unwrap().as_str(),
        Some("windows-1252")
    );
    assert_eq!(report.data.get("delimiter").unwrap().as_str(), Some(";"));
    let args = json!({"operation": "sort", "path": "in.csv", "sort_by": "name", "target_path": "out.jsonl"});
    let written = call_in(dir.path(), op(), args).unwrap();
    let expected =
        "{\"name\":\"André\",\"town\":\"Zürich\"}\n{\"name\":\"José\",\"town\":\"Köln\"}\n";
    assert_eq!(
        std::fs::read_to_string(dir.path().join("out.jsonl")).unwrap(),
        expected
    );
    assert_eq!(written.data.get("rows").unwrap(), &Value::Int(2));
    assert!(
        written.metadata["message"]
            .as_str()
            .unwrap()
            .starts_with("Wrote 2 of 2 rows to /")
    );
    let args = json!({"operation": "join", "path": "in.csv", "encoding": "latin1", "with": "in.csv", "on": "name"});
    let joined = call_in(dir.path(), op(), args).unwrap();
    assert_eq!(joined.data.as_str().unwrap().lines().count(), 3);
    let wide: Vec<u8> = "\u{feff}a,b\n1,é\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(dir.path().join("wide.csv"), wide).unwrap();
    let read = call_in(
        dir.path(),
        op(),
        json!({"operation": "parse", "path": "wide.csv"}),
    )
    .unwrap();
    assert_eq!(read.data.to_serde_json(), json!([{"a": 1, "b": "é"}]));
}

#[test]
fn path_traversal_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("in");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(outer.path().join("secret.csv"), "a\n1\n").unwrap();
    std::os::unix::fs::symlink(outer.path().join("secret.csv"), dir.join("link.csv")).unwrap();
    std::fs::write(dir.join("ok.csv"), "a\n1\n").unwrap();
    let absolute = outer.path().join("secret.csv").display().to_string();
    for path in ["../secret.csv", "link.csv", &absolute, "/etc/passwd"] {
        for args in [
            json!({"path": path}),
            json!({"operation": "sort", "sort_by": "a", "path": "ok.csv", "target_path": path}),
            json!({"operation": "join", "path": "ok.csv", "with": path, "on": "a"}),
        ] {
            let error = call_in(&dir, op(), args.clone()).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{args}: {error:?}");
        }
    }
    assert_eq!(
        std::fs::read_to_string(outer.path().join("secret.csv")).unwrap(),
        "a\n1\n"
    );
}

#[tokio::test]
async fn sizes_are_limited() {
    let cx = Place::default()
        .settings("csv_analyzer", json!({"max_input_bytes": 20}))
        .cx();
    let error = call_on(&cx, op(), json!({"input": PEOPLE}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.hints(),
        ["raise `tools.csv_analyzer.max_input_bytes`"]
    );
    // A join of equal keys multiplies.
    let same = "k,a\n".to_owned() + &"1,xxxxxxxx\n".repeat(200);
    let cx = Place::default()
        .settings("csv_analyzer", json!({"max_input_bytes": 10_000}))
        .cx();
    let args = json!({"operation": "join", "input": same, "with": same, "on": "k"});
    assert_eq!(
        call_on(&cx, op(), args).await.unwrap_err().kind(),
        Kind::Limit
    );
}

#[test]
fn hostile_patterns_and_expressions_end() {
    let input = format!("a\n{}!\n", "a".repeat(50_000));
    let found = data(json!({"operation": "filter", "input": input, "filter": "a ~ '^(a+)+$'"}));
    assert_eq!(found, json!("a\n"));
    let long = "1+".repeat(600) + "1";
    let error = fails(
        op(),
        json!({"operation": "transform", "input": "a\n1\n", "add_columns": {"b": long}}),
    );
    assert_eq!(error.kind(), Kind::Limit);
    let deep = fails(
        op(),
        json!({"operation": "transform", "input": "a\n1\n", "add_columns": {"b": "(".repeat(500)}}),
    );
    assert!(matches!(deep.kind(), Kind::Limit | Kind::Parse), "{deep:?}");
}

#[test]
fn arguments_are_checked() {
    assert_eq!(
        fails(op(), json!({"operation": "sort"})).message(),
        "Missing required parameter 'input' for csv_analyzer operation 'sort'"
    );
    assert_eq!(
        fails(op(), json!({"operation": "sort", "input": "a\n1\n"})).message(),
        "Missing required parameter 'sort_by' for csv_analyzer operation 'sort'"
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "path": "b"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "operation": "analyse"})).hints(),
        ["did you mean 'analyze'?"]
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "delimiter": "ab"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "quote": "é"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "encoding": "klingon"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "a", "sample_size": 3})).kind(),
        Kind::InvalidArgs
    );
    let warned = call(op(), json!({"input": PEOPLE, "sort_by": "age"})).unwrap();
    assert_eq!(warned.metadata["warnings"].as_list().unwrap().len(), 1);
    for (delimiter, input) in [
        ("\\t", "a\tb\n1\t2\n"),
        ("tab", "a\tb\n1\t2\n"),
        (":", "a:b\n1:2\n"),
    ] {
        let rows = data(json!({"operation": "parse", "input": input, "delimiter": delimiter}));
        assert_eq!(rows, json!([{"a": 1, "b": 2}]));
    }
    assert_eq!(
        data(json!({"operation": "parse", "input": "a,b\n'x,y',2\n", "quote": "'"})),
        json!([{"a": "x,y", "b": 2}])
    );
}

#[test]
fn effects_follow_the_files() {
    let effect_of = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(effect_of(json!({"input": "a"})), Effect::Pure);
    assert_eq!(effect_of(json!({"path": "a.csv"})), Effect::Read);
    assert_eq!(
        effect_of(json!({"input": "a", "target_path": "b.csv"})),
        Effect::Idempotent
    );
    assert_eq!(
        effect_of(json!({"input": "a", "with": "b.csv"})),
        Effect::Read
    );
}
