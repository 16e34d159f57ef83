use std::path::Path;
use std::sync::Arc;

use llmspell_core::Cancel;
use serde_json::json;

use super::*;
use crate::test_world::{Place, call_on, fails};

/// Returns a run with files below `dir`.
fn at(dir: &Path) -> Cx {
    Place::default().files(dir).cx()
}

fn memory() -> (tempfile::TempDir, Cx) {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    (dir, cx)
}

/// Calls the tool, on a database in memory unless the arguments say where.
async fn call(cx: &Cx, args: &serde_json::Value) -> Result<Outcome> {
    let mut args = args.clone();
    if ["database", "path", "connection_string", "tx"]
        .iter()
        .all(|place| args.get(place).is_none())
    {
        args["database"] = ":memory:".into();
    }
    call_on(cx, op(), args).await
}

async fn done(cx: &Cx, args: serde_json::Value) -> Outcome {
    match call(cx, &args).await {
        Ok(outcome) => outcome,
        Err(error) => panic!("{args}: {error:?}"),
    }
}

async fn failed(cx: &Cx, args: serde_json::Value) -> Error {
    match call(cx, &args).await {
        Ok(outcome) => panic!("{args}: expected an error, got {outcome:?}"),
        Err(error) => error,
    }
}

/// Changes the database of these arguments.
async fn execute(cx: &Cx, mut place: serde_json::Value, query: &str) -> Outcome {
    place["operation"] = "execute".into();
    place["query"] = query.into();
    done(cx, place).await
}

/// Returns how many rows a table has, in the database of these arguments.
async fn count(cx: &Cx, mut place: serde_json::Value, table: &str) -> serde_json::Value {
    place["query"] = format!("select count(*) as n from {table}").into();
    output(cx, place).await[0]["n"].clone()
}

async fn output(cx: &Cx, args: serde_json::Value) -> serde_json::Value {
    done(cx, args).await.primary().to_serde_json()
}

async fn people(cx: &Cx) {
    for query in [
        "create table people (id integer primary key, name text not null, age integer)",
        "insert into people (name, age) values ('Ann', 31), ('Bob', 25), ('Cyd', null)",
    ] {
        execute(cx, json!({}), query).await;
    }
}

#[tokio::test]
async fn a_query_gives_rows_and_columns() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let outcome = done(&cx, json!({"query": "select id, name, age from people where age > ? order by id", "params": [20]})).await;
    let data = outcome.data.to_serde_json();
    let rows = json!([{"id": 1, "name": "Ann", "age": 31}, {"id": 2, "name": "Bob", "age": 25}]);
    assert_eq!(data["rows"], rows);
    assert_eq!(data["results"], rows);
    assert_eq!(outcome.primary().to_serde_json(), rows);
    assert_eq!(data["row_count"], 2);
    assert_eq!(data["truncated"], false);
    assert_eq!(data["database"], ":memory:");
    assert_eq!(data["database_type"], "sqlite");
    assert_eq!(data["status"], "ok");
    assert_eq!(data["timestamp"], "2026-01-02T03:04:05Z");
    assert_eq!(
        data["columns"][1],
        json!({"name": "name", "type": "text", "nullable": null})
    );
    assert_eq!(
        data["query"],
        "select id, name, age from people where age > ? order by id"
    );
}

#[tokio::test]
async fn rows_are_capped_and_skipped() {
    let (_dir, cx) = memory();
    let numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50) select i from n";
    let outcome = done(&cx, json!({"query": numbers, "max_rows": 2, "offset": 3})).await;
    assert_eq!(
        outcome.primary().to_serde_json(),
        json!([{"i": 4}, {"i": 5}])
    );
    assert_eq!(outcome.data.get("truncated"), Some(&Value::Bool(true)));
    assert_eq!(outcome.metadata["warnings"].as_list().unwrap().len(), 1);
    let all = done(&cx, json!({"query": numbers})).await;
    assert_eq!(all.data.get("row_count"), Some(&Value::Int(50)));
    let small = Place::default()
        .files(_dir.path())
        .settings(TOOL, json!({"max_result_bytes": 500}))
        .cx();
    let cut = done(&small, json!({"query": numbers})).await;
    assert_eq!(cut.data.get("truncated"), Some(&Value::Bool(true)));
    assert!(cut.primary().as_list().unwrap().len() < 50);
    for (name, value) in [
        ("max_rows", 0),
        ("max_rows", 1_000_001),
        ("offset", -1),
        ("pool_size", 51),
    ] {
        assert_eq!(
            failed(&cx, json!({"query": "select 1", name: value}))
                .await
                .kind(),
            Kind::InvalidArgs
        );
    }
}

#[tokio::test]
async fn the_limit_that_kept_rows_back_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let databases = json!({"databases": {"main.db": {"path": ":memory:", "max_rows": 2}}});
    let cx = Place::default()
        .files(dir.path())
        .settings(TOOL, databases)
        .cx();
    let numbers = "select value from json_each('[1, 2, 3]')";
    for (asked, named) in [
        (
            json!(5),
            "tools.database_connector.databases.\"main.db\".max_rows",
        ),
        (
            json!(null),
            "tools.database_connector.databases.\"main.db\".max_rows",
        ),
        (json!(1), "'max_rows'"),
    ] {
        let args = json!({"query": numbers, "database": "main.db", "max_rows": asked});
        let outcome = done(&cx, args).await;
        let warnings = outcome.metadata["warnings"].to_serde_json();
        assert!(warnings[0].as_str().unwrap().contains(named), "{warnings}");
    }
}

#[tokio::test]
async fn changes_are_counted() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let outcome = done(&cx, json!({"operation": "execute", "query": "insert into people (name) values (:name)", "params": {"name": "Dee"}})).await;
    assert_eq!(outcome.primary(), &Value::Int(1));
    assert_eq!(outcome.data.get("last_insert_id"), Some(&Value::Int(4)));
    let updated = done(&cx, json!({"operation": "update", "query": "update people set age = 1 where age is null returning name"})).await;
    assert_eq!(updated.data.get("rows_affected"), Some(&Value::Int(2)));
    assert_eq!(
        updated.data.get("rows").unwrap().as_list().unwrap().len(),
        2
    );
    let deleted = done(
        &cx,
        json!({"operation": "delete", "query": "delete from people"}),
    )
    .await;
    assert_eq!(deleted.primary(), &Value::Int(4));
    let by_query = done(
        &cx,
        json!({"query": "insert into people (name) values ('x')"}),
    )
    .await;
    assert_eq!(by_query.data.get("rows_affected"), Some(&Value::Int(1)));
}

#[tokio::test]
async fn types_come_back_as_they_are() {
    let (_dir, cx) = memory();
    execute(
        &cx,
        json!({}),
        "create table t (i integer, f real, b boolean, t text, j json, x blob)",
    )
    .await;
    done(&cx, json!({
        "operation": "execute", "query": "insert into t values (?, ?, ?, ?, ?, ?)",
        "params": [9_007_199_254_740_993_i64, 1.5, true, "é'; drop table t; --", "{\"a\": [1]}", {"bytes": "AAH/"}]
    }))
    .await;
    assert_eq!(
        output(&cx, json!({"query": "select * from t"})).await,
        json!([{"i": 9_007_199_254_740_993_i64, "f": 1.5, "b": true, "t": "é'; drop table t; --", "j": {"a": [1]}, "x": {"bytes": "AAH/"}}])
    );
    assert_eq!(
        output(&cx, json!({"query": "select null as n, 1 as a, 2 as a"})).await,
        json!([{"n": null, "a": 1, "a_2": 2}])
    );
    for params in [json!([[1, 2]]), json!([{"a": 1}])] {
        assert_eq!(
            failed(&cx, json!({"query": "select ?", "params": params}))
                .await
                .kind(),
            Kind::InvalidArgs
        );
    }
    assert_eq!(
        failed(
            &cx,
            json!({"query": "select ?", "params": [{"bytes": "!"}]})
        )
        .await
        .kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn decimals_and_times_are_texts() {
    let (_dir, cx) = memory();
    let make =
        "create table t (d decimal(10, 2), n numeric, at timestamp, seen datetime, day date)";
    execute(&cx, json!({}), make).await;
    let insert = "insert into t values (1.5, 7, '2026-01-02 03:04:05', '2026-01-02T03:04:05+02:00', '2026-01-02'), \
                  ('0.10', null, 'soon', '2026-01-02', 1767323045)";
    execute(&cx, json!({}), insert).await;
    assert_eq!(
        output(&cx, json!({"query": "select * from t"})).await,
        json!([
            {"d": "1.5", "n": "7", "at": "2026-01-02T03:04:05Z", "seen": "2026-01-02T01:04:05Z", "day": "2026-01-02"},
            {"d": "0.1", "n": null, "at": "soon", "seen": "2026-01-02", "day": 1_767_323_045},
        ])
    );
}

#[tokio::test]
async fn a_column_is_called_as_it_was_written() {
    let (_dir, cx) = memory();
    let named = json!({"query": "select :a, :b + :a", "params": {"b": 2, "a": 1}});
    assert_eq!(output(&cx, named).await, json!([{":a": 1, ":b + :a": 3}]));
    let listed = json!({"query": "select ?2, ?1, $2", "params": [1, 2]});
    assert_eq!(output(&cx, listed).await[0]["?1"], 2, "the places are kept");
}

#[tokio::test]
async fn sql_injection_changes_nothing() {
    let (_dir, cx) = memory();
    people(&cx).await;
    for evil in [
        "' or '1'='1",
        "x'; drop table people; --",
        "\\' or 1=1 --",
        "Ann\0",
        "?",
        ":name",
        "$1",
    ] {
        for (query, params) in [
            ("select name from people where name = ?", json!([evil])),
            ("select name from people where name = $1", json!([evil])),
            (
                "select name from people where name = :name",
                json!({"name": evil}),
            ),
        ] {
            assert_eq!(
                output(&cx, json!({"query": query, "params": params})).await,
                json!([]),
                "{evil}"
            );
        }
    }
    assert_eq!(count(&cx, json!({}), "people").await, 3);
}

#[tokio::test]
async fn several_statements_are_refused() {
    let (_dir, cx) = memory();
    people(&cx).await;
    for query in [
        "select 1; delete from people",
        "select 1;;delete from people",
        "select ';' ; delete from people",
        "insert into people (name) values ('x'); drop table people",
        "",
        "-- nothing",
    ] {
        let error = failed(&cx, json!({"query": query})).await;
        assert_eq!(error.kind(), Kind::InvalidArgs, "{query}: {error:?}");
    }
    assert_eq!(
        output(&cx, json!({"query": "select count(*) as n from people;"})).await,
        json!([{"n": 3}])
    );
}

#[tokio::test]
async fn attach_load_extension_and_vacuum_into_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let cx = Place::default()
        .files(dir.path())
        .settings(TOOL, json!({"databases": {"open": {
            "path": ":memory:", "allow_ddl": true, "allow": ["select", "insert", "update", "delete", "pragma", "other"]
        }}}))
        .cx();
    let outside = dir.path().join("stolen.db");
    let shown = outside.display();
    for database in [":memory:", "open"] {
        for query in [
            format!("attach '{shown}' as other"),
            format!("ATTACH DATABASE '{shown}' AS other"),
            "attach ? as other".to_owned(),
            format!("vacuum into '{shown}'"),
            "select load_extension('/tmp/x.so')".to_owned(),
            "select fts3_tokenizer('simple')".to_owned(),
            "pragma writable_schema = on".to_owned(),
            "pragma temp_store_directory = '/tmp'".to_owned(),
            "pragma hard_heap_limit = 1".to_owned(),
            "select * from pragma_database_list".to_owned(),
            "update sqlite_master set sql = 'x'".to_owned(),
        ] {
            let params = if query.contains('?') {
                json!([shown.to_string()])
            } else {
                json!([])
            };
            let error = failed(
                &cx,
                json!({"query": query, "database": database, "params": params}),
            )
            .await;
            assert!(
                matches!(error.kind(), Kind::Denied | Kind::Execution),
                "{query}: {error:?}"
            );
        }
    }
    assert!(!outside.exists());
    // A view or a trigger does not carry it in either.
    for query in [
        "create view v as select load_extension('x') as y",
        "create trigger g after insert on t begin select load_extension('x'); end",
    ] {
        let _ = call_on(
            &cx,
            op(),
            json!({"operation": "execute", "query": query, "database": "open"}),
        )
        .await;
    }
    assert!(
        call_on(
            &cx,
            op(),
            json!({"query": "select * from v", "database": "open"})
        )
        .await
        .is_err()
    );
}

#[tokio::test]
async fn paths_outside_the_roots_are_refused() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("in");
    std::fs::create_dir(&dir).unwrap();
    let secret = outer.path().join("secret.db");
    rusqlite::Connection::open(&secret)
        .unwrap()
        .execute_batch("create table t (a)")
        .unwrap();
    std::os::unix::fs::symlink(&secret, dir.join("link.db")).unwrap();
    std::os::unix::fs::symlink(outer.path(), dir.join("up")).unwrap();
    let cx = at(&dir);
    let absolute = secret.display().to_string();
    for path in [
        "../secret.db",
        "link.db",
        "up/secret.db",
        &absolute,
        "/etc/passwd",
    ] {
        for args in [
            json!({"path": path, "query": "select * from t"}),
            json!({"path": path, "operation": "execute", "query": "create table u (a)"}),
            json!({"connection_string": format!("sqlite:{path}"), "query": "select * from t"}),
            json!({"connection_string": format!("file:{path}?mode=rwc"), "query": "select * from t"}),
            json!({"provider": "sqlite", "database": path, "query": "select * from t"}),
            json!({"path": path, "operation": "begin"}),
        ] {
            let error = call_on(&cx, op(), args.clone()).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{args}: {error:?}");
        }
    }
    let missing = failed(&cx, json!({"path": "none.db", "query": "select 1"})).await;
    assert_eq!(missing.kind(), Kind::NotFound);
    std::fs::write(
        dir.join("text.db"),
        "this is no database, but it is long enough to be read as one",
    )
    .unwrap();
    let error = failed(&cx, json!({"path": "text.db", "query": "select * from t"})).await;
    assert_eq!(error.kind(), Kind::Parse, "{error:?}");
}

#[tokio::test]
async fn a_file_is_made_kept_and_read_only_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    execute(&cx, json!({"path": "a.db"}), "create table t (a integer)").await;
    done(&cx, json!({"operation": "execute", "provider": "sqlite3", "connection_string": "a.db", "query": "insert into t values (7)"})).await;
    assert_eq!(
        output(&cx, json!({"path": "a.db", "query": "select a from t"})).await,
        json!([{"a": 7}])
    );
    assert!(dir.path().join("a.db").is_file());
    let refused = failed(&cx, json!({"operation": "execute", "path": "a.db", "read_only": true, "query": "delete from t"})).await;
    assert_eq!(refused.kind(), Kind::Denied);
    let cx = Place::default()
        .files(dir.path())
        .settings(
            TOOL,
            json!({"databases": {
            "shop": {"path": "a.db"},
            "look": {"type": "sqlite", "url": "sqlite:a.db", "read_only": true, "max_rows": 1},
        }, "default": "shop"}),
        )
        .cx();
    assert_eq!(
        output(&cx, json!({"database": "look", "query": "select a from t"})).await,
        json!([{"a": 7}])
    );
    let error = failed(&cx, json!({"database": "look", "query": "delete from t"})).await;
    assert_eq!(
        error.details().get("setting").unwrap().as_str(),
        Some("tools.database_connector.databases.look.read_only")
    );
    let outcome = call_on(&cx, op(), json!({"query": "select a from t"}))
        .await
        .unwrap();
    assert_eq!(outcome.data.get("database").unwrap().as_str(), Some("shop"));
    let ddl = failed(&cx, json!({"database": "shop", "query": "drop table t"})).await;
    assert_eq!(
        ddl.hints(),
        ["set `allow_ddl = true` in [tools.database_connector.databases.shop]"]
    );
    let pragma = failed(
        &cx,
        json!({"database": "shop", "query": "pragma user_version"}),
    )
    .await;
    assert_eq!(pragma.kind(), Kind::Denied);
}

#[tokio::test]
async fn a_batch_is_all_or_none() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let query = "insert into people (id, name) values (?, ?)";
    let outcome = done(
        &cx,
        json!({"operation": "batch", "query": query, "params_list": [[10, "x"], [11, "y"]]}),
    )
    .await;
    assert_eq!(outcome.primary(), &Value::Int(2));
    assert_eq!(outcome.data.get("executed"), Some(&Value::Int(2)));
    let error = failed(
        &cx,
        json!({"operation": "execute_many", "query": query, "params_list": [[12, "x"], [12, "y"]]}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Execution, "{error:?}");
    assert_eq!(error.details().get("statement"), Some(&Value::Int(2)));
    assert_eq!(count(&cx, json!({}), "people").await, 5);
}

#[tokio::test]
async fn a_transaction_is_all_or_none() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let outcome = done(
        &cx,
        json!({"operation": "transaction", "statements": [
            {"query": "insert into people (name) values (?)", "params": ["x"]},
            {"query": "select count(*) as n from people"},
        ]}),
    )
    .await;
    let results = outcome.primary().to_serde_json();
    assert_eq!(results[0]["rows_affected"], 1);
    assert_eq!(results[1]["rows"], json!([{"n": 4}]));
    assert_eq!(outcome.data.get("committed"), Some(&Value::Bool(true)));
    for statements in [
        json!([{"query": "delete from people"}, {"query": "select * from nowhere"}]),
        json!([{"query": "delete from people"}, {"query": "select 1; select 2"}]),
    ] {
        failed(
            &cx,
            json!({"operation": "transaction", "statements": statements}),
        )
        .await;
        assert_eq!(count(&cx, json!({}), "people").await, 4);
    }
}

#[tokio::test]
async fn open_transactions_commit_and_roll_back() {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    execute(&cx, json!({"path": "a.db"}), "create table t (a integer)").await;
    let begin = || async {
        output(&cx, json!({"operation": "begin", "path": "a.db"}))
            .await
            .as_str()
            .unwrap()
            .to_owned()
    };
    let outside = || count(&cx, json!({"path": "a.db"}), "t");
    let tx = begin().await;
    execute(&cx, json!({"tx": tx}), "insert into t values (1)").await;
    // A mistake does not end it.
    failed(&cx, json!({"tx": tx, "query": "select * from nowhere"})).await;
    failed(&cx, json!({"tx": tx, "query": "commit"})).await;
    assert_eq!(count(&cx, json!({"tx": tx}), "t").await, 1);
    assert_eq!(outside().await, 0);
    assert_eq!(
        output(&cx, json!({"operation": "rollback", "tx": tx})).await,
        json!(true)
    );
    assert_eq!(outside().await, 0);
    let tx = begin().await;
    done(&cx, json!({"operation": "batch", "tx": tx, "query": "insert into t values (?)", "params_list": [[1], [2]]})).await;
    assert_eq!(
        output(&cx, json!({"operation": "commit", "tx": tx})).await,
        json!(true)
    );
    assert_eq!(outside().await, 2);
    let gone = failed(&cx, json!({"operation": "commit", "tx": tx})).await;
    assert_eq!(gone.kind(), Kind::NotFound);
    let busy = begin().await;
    let second = failed(&cx, json!({"operation": "begin", "path": "a.db"})).await;
    assert_eq!(second.kind(), Kind::Conflict, "{second:?}");
    assert!(second.is_retryable());
    done(&cx, json!({"operation": "rollback", "tx": busy})).await;
    let looking = output(
        &cx,
        json!({"operation": "begin", "path": "a.db", "read_only": true}),
    )
    .await;
    let error = failed(&cx, json!({"tx": looking, "query": "delete from t"})).await;
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn a_transaction_in_memory_keeps_others_out() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let tx = output(&cx, json!({"operation": "begin"})).await;
    execute(&cx, json!({"tx": tx}), "delete from people").await;
    let error = failed(&cx, json!({"query": "select * from people"})).await;
    assert_eq!(error.kind(), Kind::Conflict);
    done(&cx, json!({"operation": "rollback", "tx": tx})).await;
    assert_eq!(count(&cx, json!({}), "people").await, 3);
}

#[tokio::test]
async fn only_so_many_transactions_are_open() {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    execute(&cx, json!({"path": "a.db"}), "create table t (a)").await;
    for _ in 0..16 {
        done(
            &cx,
            json!({"operation": "begin", "path": "a.db", "read_only": true}),
        )
        .await;
    }
    let error = failed(
        &cx,
        json!({"operation": "begin", "path": "a.db", "read_only": true}),
    )
    .await;
    assert_eq!(error.kind(), Kind::Limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_statements_stop_when_the_caller_does() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let stop = cx.cancel().clone();
    let endless =
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    let (called, _) = futures::join!(
        call_on(&cx, op(), json!({"database": ":memory:", "query": endless})),
        async {
            tokio::task::yield_now().await;
            stop.cancel(Cancel::reason("enough"));
        }
    );
    assert_eq!(called.unwrap_err().kind(), Kind::Cancelled);
}

#[tokio::test]
async fn schema_describes_tables() {
    let (_dir, cx) = memory();
    people(&cx).await;
    for query in [
        "create table posts (id integer primary key, person integer references people (id), title text default 'none', unique (person, title))",
        "create view names as select name from people",
    ] {
        execute(&cx, json!({}), query).await;
    }
    let tables = output(&cx, json!({"operation": "schema"})).await;
    let names: Vec<_> = tables
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["names", "people", "posts"]);
    let posts = &tables[2];
    assert_eq!(posts["kind"], "table");
    assert_eq!(
        posts["columns"][2],
        json!({"name": "title", "type": "text", "nullable": true, "default": "'none'", "primary_key": false})
    );
    assert_eq!(posts["indexes"][0]["columns"], json!(["person", "title"]));
    assert_eq!(posts["indexes"][0]["unique"], true);
    assert_eq!(
        posts["foreign_keys"],
        json!([{"name": "0", "references_table": "people", "columns": ["person"], "references_columns": ["id"]}])
    );
    let chosen = output(&cx, json!({"operation": "list_tables", "tables": "p*e"})).await;
    assert_eq!(chosen.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn explain_and_ping() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let plan = output(
        &cx,
        json!({"operation": "explain", "query": "delete from people where id = ?", "params": [1]}),
    )
    .await;
    assert!(
        plan[0]["detail"].as_str().unwrap().contains("PRIMARY KEY"),
        "{plan}"
    );
    assert_eq!(count(&cx, json!({}), "people").await, 3);
    let outcome = done(&cx, json!({"operation": "ping"})).await;
    assert_eq!(outcome.primary(), &Value::Bool(true));
    assert!(
        outcome
            .data
            .get("version")
            .unwrap()
            .as_str()
            .unwrap()
            .starts_with("3.")
    );
    let gone = done(&cx, json!({"operation": "ping", "path": "none.db"})).await;
    assert_eq!(gone.primary(), &Value::Bool(false));
}

#[tokio::test]
async fn errors_say_where_and_what() {
    let (_dir, cx) = memory();
    people(&cx).await;
    let error = failed(&cx, json!({"query": "select nme from people"})).await;
    assert_eq!(error.kind(), Kind::Execution);
    assert!(error.message().contains("no such column"), "{error:?}");
    assert_eq!(error.details().get("position"), Some(&Value::Int(8)));
    let unique = failed(
        &cx,
        json!({"query": "insert into people (id, name) values (1, 'x')"}),
    )
    .await;
    assert!(unique.message().contains("UNIQUE"), "{unique:?}");
    let unknown = call_on(&cx, op(), json!({"query": "select 1"}))
        .await
        .unwrap_err();
    assert_eq!(unknown.kind(), Kind::Config);
    assert_eq!(unknown.message(), "Database 'default' is not configured");
    let declared = failed(&cx, json!({"query": "select 1", "query_type": "update"})).await;
    assert_eq!(declared.kind(), Kind::InvalidArgs);
    done(&cx, json!({"query": "select 1", "query_type": "SELECT"})).await;
}

#[tokio::test]
async fn a_mistyped_verb_is_an_error_of_the_statement() {
    let (_dir, cx) = memory();
    for (query, position) in [
        ("SELEC 1", 1),
        ("/* one */ selct 1", 11),
        ("  upate t set a = 1", 1),
    ] {
        let error = failed(&cx, json!({"query": query})).await;
        assert_eq!(error.kind(), Kind::Execution, "{query}: {error:?}");
        assert_eq!(
            error.details().get("position"),
            Some(&Value::Int(position)),
            "{query}"
        );
    }
    let error = failed(&cx, json!({"query": "SELEC 1"})).await;
    assert_eq!(error.hints(), ["did you mean 'select'?"]);
    let vacuum = failed(&cx, json!({"query": "vacuum"})).await;
    assert_eq!(vacuum.kind(), Kind::Denied);
    assert!(vacuum.hints()[0].contains("databases.NAME]"), "{vacuum:?}");
}

#[tokio::test]
async fn a_database_is_packed_where_other_statements_are_permitted() {
    let dir = tempfile::tempdir().unwrap();
    let databases = json!({"databases": {"open": {"path": "a.db", "allow_ddl": true, "allow": ["insert", "other"]}}});
    let cx = Place::default()
        .files(dir.path())
        .settings(TOOL, databases)
        .cx();
    let at = |query: &str| json!({"operation": "execute", "query": query, "database": "open"});
    done(&cx, at("create table t (a)")).await;
    done(&cx, at("insert into t values (1)")).await;
    done(&cx, at("VACUUM main;")).await;
    let into = format!("vacuum into '{}'", dir.path().join("b.db").display());
    assert_eq!(failed(&cx, at(&into)).await.kind(), Kind::Denied);
    assert!(!dir.path().join("b.db").exists());
}

#[tokio::test]
async fn an_empty_table_is_an_empty_list() {
    let (_dir, cx) = memory();
    let args =
        json!({"operation": "batch", "query": "insert into t values (?)", "params_list": {}});
    assert_eq!(
        done(&cx, args).await.data.get("executed"),
        Some(&Value::Int(0))
    );
}

#[test]
fn arguments_are_checked() {
    assert_eq!(
        fails(op(), json!({"database": ":memory:"})).message(),
        "Missing required parameter 'query' for database_connector operation 'query'"
    );
    assert_eq!(
        fails(op(), json!({"operation": "commit"})).message(),
        "Missing required parameter 'tx' for database_connector operation 'commit'"
    );
    assert_eq!(
        fails(op(), json!({"operation": "qurey"})).hints(),
        ["did you mean 'query'?"]
    );
    assert_eq!(
        fails(op(), json!({"query": "select 1", "parms": []})).message(),
        "unknown parameter 'parms' (did you mean 'params'?)"
    );
    assert_eq!(
        fails(op(), json!({"query": 5, "database": ":memory:"})).kind(),
        Kind::InvalidArgs
    );
    for args in [
        json!({"query": "select 1", "provider": "oracle", "host": "h"}),
        json!({"query": "select 1", "host": "h"}),
        json!({"query": "select 1", "provider": "sqlite", "host": "h"}),
        json!({"query": "select 1", "provider": "pg", "path": "a.db"}),
        json!({"query": "select 1", "provider": "pg", "connection_string": "mysql://h/d"}),
        json!({"query": "select 1", "provider": "pg", "host": "h", "port": 70_000}),
    ] {
        assert_eq!(
            fails(op(), args.clone()).kind(),
            Kind::InvalidArgs,
            "{args}"
        );
    }
}

#[tokio::test]
async fn connections_follow_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let closed = Place::default()
        .files(dir.path())
        .network()
        .settings(TOOL, json!({"allow_inline": false}))
        .cx();
    let error = failed(&closed, json!({"path": "a.db", "query": "select 1"})).await;
    assert_eq!(
        error.details().get("setting").unwrap().as_str(),
        Some("tools.database_connector.allow_inline")
    );
    // Private addresses are closed for inline connections, whatever the server.
    let strict = Place::default()
        .files(dir.path())
        .network_rules(llmspell_runtime::host::NetworkRules::default())
        .cx();
    for url in [
        "postgres://u:p@127.0.0.1:1/d",
        "mysql://u:p@10.0.0.1:1/d",
        "postgres://u:p@169.254.169.254/d",
    ] {
        let error = failed(
            &strict,
            json!({"connection_string": url, "query": "select 1"}),
        )
        .await;
        assert_eq!(error.kind(), Kind::Denied, "{url}: {error:?}");
    }
}

#[tokio::test]
async fn passwords_are_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let cx = Place::at(dir.path()).cx();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://ann:hunter2hunter2@127.0.0.1:{port}/d");
        for operation in ["query", "ping", "begin", "schema"] {
            let args =
                json!({"operation": operation, "connection_string": url, "query": "select 1"});
            let shown = match call_on(&cx, op(), args).await {
                Ok(outcome) => format!("{outcome:?}"),
                Err(error) => format!("{error:?}"),
            };
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}

#[test]
fn changes_of_a_schema_need_more() {
    let level_of = |args: serde_json::Value| level(&args.into());
    for args in [
        json!({"query": "drop table t"}),
        json!({"operation": "execute", "database": "shop", "query": "create table t (a)"}),
        json!({"tx": "tx_1", "query": "create table t (a)"}),
        json!({"operation": "transaction", "statements": [{"query": "select 1"}, {"query": "drop table t"}]}),
        json!({"query": "create function f() returns int as $$ select 1; $$ language sql"}),
    ] {
        assert_eq!(level_of(args.clone()), Level::Privileged, "{args}");
    }
    for args in [
        json!({"query": "delete from t"}),
        json!({"database": ":memory:", "query": "create table t (a)"}),
        json!({"path": "a.db", "query": "create table t (a)"}),
        json!({"provider": "sqlite3", "connection_string": "a.db", "query": "drop table t"}),
    ] {
        assert_eq!(level_of(args.clone()), Level::Restricted, "{args}");
    }
}

#[tokio::test]
async fn a_transaction_keeps_its_database() {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    execute(&cx, json!({"path": "a.db"}), "create table t (a)").await;
    let tx = output(&cx, json!({"operation": "begin", "path": "a.db"})).await;
    for args in [
        json!({"tx": tx, "database": ":memory:", "query": "create table u (a)"}),
        json!({"tx": tx, "path": "b.db", "query": "create table u (a)"}),
    ] {
        assert_eq!(failed(&cx, args).await.kind(), Kind::InvalidArgs);
    }
    done(&cx, json!({"operation": "rollback", "tx": tx})).await;
}

#[test]
fn effects_follow_the_statement() {
    let effect_of = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(effect_of(json!({"query": "select 1"})), Effect::Read);
    assert_eq!(effect_of(json!({"query": "delete from t"})), Effect::Once);
    assert_eq!(
        effect_of(json!({"query": "select 1 into outfile '/tmp/x'"})),
        Effect::Once
    );
    assert_eq!(
        effect_of(json!({"query": "with a as (delete from t returning *) select * from a"})),
        Effect::Once
    );
    assert_eq!(
        effect_of(json!({"operation": "execute", "query": "select 1"})),
        Effect::Once
    );
    assert_eq!(effect_of(json!({"operation": "begin"})), Effect::Once);
    assert_eq!(effect_of(json!({"operation": "list_tables"})), Effect::Read);
}

#[tokio::test]
async fn what_a_run_keeps_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let cx = at(dir.path());
    execute(&cx, json!({"path": "a.db"}), "create table t (a)").await;
    let tx = output(&cx, json!({"operation": "begin", "path": "a.db"})).await;
    execute(&cx, json!({"tx": tx}), "insert into t values (1)").await;
    let live = Arc::downgrade(&cx.kept::<Live>());
    drop(cx);
    assert!(live.upgrade().is_none());
    let other = at(dir.path());
    assert_eq!(count(&other, json!({"path": "a.db"}), "t").await, 0);
}
