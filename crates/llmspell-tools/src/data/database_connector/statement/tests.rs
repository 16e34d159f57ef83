use llmspell_core::{Kind, Map, Value};
use serde_json::json;

use super::*;

const MYSQL: Dialect = Dialect::Mysql {
    backslashes: true,
    ansi_quotes: false,
};

fn class(dialect: Dialect, text: &str) -> String {
    let statement =
        Statement::parse(dialect, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let names: Vec<_> = statement.classes.iter().map(|class| class.name()).collect();
    names.join("+")
}

#[test]
fn statements_are_classed() {
    for (text, expected) in [
        ("select 1", "select"),
        ("  -- note\n /* more */ SELECT 1 ;  ", "select"),
        ("(select 1) union (select 2)", "select"),
        ("values (1)", "select"),
        ("with a as (select 1) select * from a", "select"),
        (
            "with a as (select 1) insert into t select * from a",
            "insert",
        ),
        ("insert into t values (1) on conflict do nothing", "insert"),
        (
            "insert into t values (1) on conflict (a) do update set a = 1",
            "insert+update",
        ),
        ("update t set a = 1", "update"),
        ("delete from t", "delete"),
        ("replace into t values (1)", "insert+delete"),
        ("create table t (a int)", "ddl"),
        ("drop table t", "ddl"),
        ("begin", "transaction"),
        ("pragma user_version", "pragma"),
        ("attach 'x' as y", "other"),
        ("vacuum into 'x'", "other"),
        ("select 'delete from t; drop table t'", "select"),
        ("select \"(delete\" from t", "select"),
        ("explain delete from t", "select"),
    ] {
        for dialect in [Dialect::Sqlite, Dialect::Postgres, MYSQL] {
            assert_eq!(class(dialect, text), expected, "{dialect:?}: {text}");
        }
    }
    for (dialect, text, expected) in [
        (
            Dialect::Postgres,
            "with a as (delete from t returning *) select * from a",
            "select+delete",
        ),
        (Dialect::Postgres, "select * into u from t", "select+ddl"),
        (
            Dialect::Postgres,
            "explain (analyze, costs off) update t set a = 1",
            "update",
        ),
        (Dialect::Postgres, "explain analyze delete from t", "delete"),
        (
            Dialect::Postgres,
            "merge into t using u on true when matched then delete",
            "insert+update+delete",
        ),
        (Dialect::Postgres, "copy t to '/tmp/x'", "other"),
        (
            Dialect::Postgres,
            "do $$ begin delete from t; end $$",
            "other",
        ),
        (Dialect::Postgres, "select $a$ (delete $$ $a$", "select"),
        (Dialect::Postgres, "select E'it\\'s' || '(delete'", "select"),
        (
            Dialect::Postgres,
            "select E'a'\n'\\' (delete ' , (1)",
            "select",
        ),
        (
            Dialect::Postgres,
            "/* a /* b */ delete */ select 1",
            "select",
        ),
        (MYSQL, "select 1 into outfile '/tmp/x'", "select+other"),
        (MYSQL, "select 'it\\'s' # (delete\n, 1", "select"),
        (
            MYSQL,
            "insert into t values (1) on duplicate key update a = 2",
            "insert+update",
        ),
        (MYSQL, "select (insert('abc', 1, 1, 'x'))", "select"),
        (MYSQL, "set global general_log = 1", "other"),
        (
            MYSQL,
            "load data local infile '/etc/passwd' into table t",
            "other",
        ),
        (MYSQL, "show tables", "select"),
    ] {
        assert_eq!(class(dialect, text), expected, "{text}");
    }
}

#[test]
fn only_one_statement_is_taken() {
    for (dialect, text) in [
        (Dialect::Sqlite, "select 1; drop table t"),
        (Dialect::Postgres, "select 1; drop table t"),
        (Dialect::Postgres, "select 1;;; -- x\n ; delete from t"),
        (MYSQL, "select 1; drop table t"),
        // A comment for MySQL only with a blank behind it.
        (MYSQL, "select 1 --1; drop table t"),
    ] {
        let error = Statement::parse(dialect, text).unwrap_err();
        assert!(
            error.message().contains("several statements"),
            "{text}: {error:?}"
        );
    }
    for text in ["", " ; ", "-- nothing", "/* nothing */"] {
        assert!(Statement::parse(Dialect::Sqlite, text).is_err(), "{text:?}");
    }
    for text in ["select 'a", "select \"a", "/* x", "select $$ x"] {
        let error = Statement::parse(Dialect::Postgres, text).unwrap_err();
        assert!(
            error.message().contains("is not closed"),
            "{text}: {error:?}"
        );
    }
    let hidden = Statement::parse(MYSQL, "select 1 /*!50000 into outfile '/tmp/x' */").unwrap_err();
    assert_eq!(hidden.kind(), Kind::Denied);
    let hidden =
        Statement::parse(MYSQL, "select 1 /*M!50000 into outfile '/tmp/x' */").unwrap_err();
    assert_eq!(hidden.kind(), Kind::Denied);
    assert!(Statement::parse(Dialect::Sqlite, "select 1\0; x").is_err());
}

fn bound(dialect: Dialect, text: &str, params: serde_json::Value) -> Result<(String, Vec<i64>)> {
    let bound = Statement::parse(dialect, text)?.bind(&Params::read(Some(params.into()))?)?;
    Ok((
        bound.sql,
        bound.values.iter().filter_map(Value::as_int).collect(),
    ))
}

#[test]
fn marks_are_written_as_the_server_knows_them() {
    for (text, params, sqlite, postgres, mysql, once) in [
        (
            "select ?, ?",
            json!([1, 2]),
            "select ?, ?",
            "select $1, $2",
            "select ?, ?",
            true,
        ),
        (
            "select $2, $1",
            json!([1, 2]),
            "select ?1, ?2",
            "select $1, $2",
            "select ?, ?",
            true,
        ),
        (
            "select $1, $1",
            json!([1]),
            "select ?1, ?1",
            "select $1, $1",
            "select ?, ?",
            false,
        ),
        (
            " select :b, :a, :b",
            json!({"a": 1, "b": 2}),
            "select :b, :a, :b",
            "select $1, $2, $1",
            "select ?, ?, ?",
            false,
        ),
        (
            "select '?', ?, \":a\"",
            json!([1]),
            "select '?', ?, \":a\"",
            "select '?', $1, \":a\"",
            "select '?', ?, \":a\"",
            true,
        ),
    ] {
        let (sql, values) = bound(Dialect::Sqlite, text, params.clone()).unwrap();
        assert_eq!(sql, sqlite);
        let (sql, again) = bound(Dialect::Postgres, text, params.clone()).unwrap();
        assert_eq!(sql, postgres);
        assert_eq!(values, again);
        let (sql, repeated) = bound(MYSQL, text, params).unwrap();
        assert_eq!(sql, mysql);
        assert_eq!(repeated == values, once, "{text}");
    }
    let plain = |text: &str| bound(Dialect::Postgres, text, json!([])).unwrap().0;
    assert_eq!(
        plain("select '{}'::jsonb ? 'a'"),
        "select '{}'::jsonb ? 'a'"
    );
    assert_eq!(plain("select a[1:n] from t"), "select a[1:n] from t");
    let (sql, _) = bound(
        Dialect::Postgres,
        "select j ?| $1, b ? 'x', 1::int",
        json!([1]),
    )
    .unwrap();
    assert_eq!(sql, "select j ?| $1, b ? 'x', 1::int");
}

#[test]
fn parameters_must_match_the_marks() {
    for (text, params) in [
        ("select ?", json!([])),
        ("select ?", json!([1, 2])),
        ("select 1", json!([1])),
        ("select $3", json!([1, 2])),
        ("select :a", json!([1])),
        ("select ?", json!({"a": 1})),
        ("select :a", json!({"a": 1, "b": 2})),
        ("select :a", json!({"b": 2})),
        ("select ?, $1", json!([1, 2])),
        ("select $0", json!([1])),
    ] {
        let error = bound(Dialect::Sqlite, text, params.clone()).unwrap_err();
        assert_eq!(
            error.kind(),
            Kind::InvalidArgs,
            "{text} {params}: {error:?}"
        );
    }
    let nothing = Params::read(Some(Value::Map(Map::new()))).unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn only_a_mistyped_verb_is_unknown() {
    let unknown = |text| {
        let statement = Statement::parse(MYSQL, text).unwrap();
        statement.unknown_verb().is_some()
    };
    for text in ["selec 1", "  dorp table t", "x"] {
        assert!(unknown(text), "{text}");
    }
    for text in [
        "select 1 into outfile '/tmp/x'",
        "with a as (select 1) select * from a into outfile '/tmp/x'",
        "with",
        "flush tables",
        "drop table t",
        "explain select 1",
    ] {
        assert!(!unknown(text), "{text}");
    }
}
