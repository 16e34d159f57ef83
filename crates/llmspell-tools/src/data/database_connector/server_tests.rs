//! Tests with real servers, which `.ci/servers` starts. Without its variables they are skipped, and say so.

use std::io::Write as _;
use std::path::PathBuf;

use llmspell_runtime::host::NetworkRules;
use serde_json::json;

use super::*;
use crate::test_world::{Place, call_on};

/// A run that knows a server under the names `db` (everything is permitted) and `plain` (nothing is said).
struct Server {
    cx: Cx,
    _dir: tempfile::TempDir,
}

impl Server {
    /// Finds the server whose URL the variable holds.
    fn find(variable: &str, test: &str) -> Option<Self> {
        let Ok(url) = std::env::var(variable) else {
            // Not captured, so that it is seen.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: {test}: {variable} is not set; see .ci/servers"
            );
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let all = ["select", "insert", "update", "delete", "other"];
        let cx = Place::at(dir.path())
            .settings(
                TOOL,
                json!({"default": "db", "databases": {
                    "db": {"url": url, "allow_ddl": true, "allow": all},
                    "plain": {"url": url},
                    "look": {"url": url, "read_only": true, "max_rows": 5},
                    "hasty": {"url": url, "timeout_ms": 300},
                    "wrong": {"url": url.replace(&format!(":{}@", password(&url)), ":wrong@")},
                }}),
            )
            .cx();
        Some(Self { cx, _dir: dir })
    }

    async fn done(&self, args: serde_json::Value) -> Outcome {
        match call_on(&self.cx, op(), args.clone()).await {
            Ok(outcome) => outcome,
            Err(error) => panic!("{args}: {error:?}"),
        }
    }

    async fn failed(&self, args: serde_json::Value) -> Error {
        match call_on(&self.cx, op(), args.clone()).await {
            Ok(outcome) => panic!("{args}: expected an error, got {outcome:?}"),
            Err(error) => error,
        }
    }

    async fn rows(&self, args: serde_json::Value) -> serde_json::Value {
        self.done(args).await.primary().to_serde_json()
    }

    /// Makes a table anew.
    async fn table(&self, name: &str, columns: &str) {
        self.done(json!({"operation": "execute", "query": format!("drop table if exists {name}")}))
            .await;
        self.done(
            json!({"operation": "execute", "query": format!("create table {name} ({columns})")}),
        )
        .await;
    }
}

/// Returns a run that knows a server as `db`, over TLS, and believes the authority of this file.
fn encrypted(url: &str, ca_file: Option<PathBuf>) -> Cx {
    let rules = NetworkRules {
        allow_hosts: vec!["127.0.0.1".to_owned()],
        ca_file,
        ..NetworkRules::default()
    };
    let place = Place::default().network_rules(rules);
    place
        .settings(
            TOOL,
            json!({"default": "db", "databases": {"db": {"url": url, "tls": "require"}}}),
        )
        .cx()
}

/// Connects over TLS to the server whose URL the variable holds, and asks how the connection is encrypted.
async fn over_tls(variable: &str, test: &str, query: &str) {
    let given = [variable, "LLMSPELL_TEST_SERVERS_CA"].map(std::env::var);
    let [Ok(url), Ok(ca_file)] = given else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {test}: {variable} or LLMSPELL_TEST_SERVERS_CA is not set; see .ci/servers"
        );
        return;
    };
    let asked = json!({"query": query});
    let believed = encrypted(&url, Some(ca_file.into()));
    let rows = call_on(&believed, op(), asked.clone()).await.unwrap();
    let rows = rows.primary().to_serde_json();
    let version = rows[0]["version"].as_str().unwrap_or_default();
    assert!(version.starts_with("TLSv1."), "{rows}");
    let refused = call_on(&encrypted(&url, None), op(), asked)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Remote, "{refused:?}");
    assert_eq!(refused.details()["phase"], "tls".into(), "{refused:?}");
    assert!(refused.hints()[0].contains("ca_file"), "{refused:?}");
}

#[tokio::test]
async fn postgres_over_tls() {
    let query = "select version from pg_stat_ssl where pid = pg_backend_pid()";
    over_tls(POSTGRES, "postgres over TLS", query).await;
}

#[tokio::test]
async fn mariadb_over_tls() {
    let query = "select variable_value as version from information_schema.session_status \
        where variable_name = 'Ssl_version'";
    over_tls(MARIADB, "mariadb over TLS", query).await;
}

/// Returns the password of a URL.
fn password(url: &str) -> String {
    url.split([':', '@']).nth(2).unwrap().to_owned()
}

const POSTGRES: &str = "LLMSPELL_TEST_POSTGRES_URL";
const MARIADB: &str = "LLMSPELL_TEST_MARIADB_URL";

/// Runs a check on both servers, each of which has tables of its own.
macro_rules! on_both {
    ($name:ident, $check:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn postgres() {
                if let Some(server) =
                    Server::find(POSTGRES, concat!("postgres ", stringify!($name)))
                {
                    $check(server, stringify!($name)).await;
                }
            }

            #[tokio::test]
            async fn mariadb() {
                if let Some(server) = Server::find(MARIADB, concat!("mariadb ", stringify!($name)))
                {
                    $check(server, stringify!($name)).await;
                }
            }
        }
    };
}

on_both!(
    parameters_are_bound,
    |server: Server, table: &'static str| async move {
        server
            .table(table, "id int primary key, name varchar(100), age int")
            .await;
        let insert = format!("insert into {table} values ($1, $2, $3)");
        for (id, name, age) in [
            (1, "Ann", json!(31)),
            (2, "x'; drop table people; --", json!(null)),
            (3, "\\' or 1=1 --", json!(5)),
        ] {
            let outcome = server
                .done(json!({"operation": "execute", "query": insert, "params": [id, name, age]}))
                .await;
            assert_eq!(outcome.primary(), &Value::Int(1));
            let found = server.rows(json!({"query": format!("select id from {table} where name = ?"), "params": [name]})).await;
            assert_eq!(found, json!([{"id": id}]));
        }
        let named = format!(
            "select name, age from {table} where id = :id or id = :id and age > :least order by id"
        );
        let found = server
            .rows(json!({"query": named, "params": {"id": 1, "least": 3}}))
            .await;
        assert_eq!(found, json!([{"name": "Ann", "age": 31}]));
        assert_eq!(
            server
                .rows(json!({"query": format!("select count(*) as n from {table}")}))
                .await,
            json!([{"n": 3}])
        );
        for (query, params) in [
            ("select ?", json!([1, 2])),
            ("select ?, ?", json!([1])),
            ("select :a", json!({"b": 1})),
        ] {
            let error = server
                .failed(json!({"query": query, "params": params}))
                .await;
            assert_eq!(error.kind(), Kind::InvalidArgs, "{query}: {error:?}");
        }
        for query in [
            format!("select 1; drop table {table}"),
            format!("select 1 /* ; */ ; delete from {table}"),
        ] {
            assert_eq!(
                server.failed(json!({"query": query})).await.kind(),
                Kind::InvalidArgs
            );
        }
    }
);

on_both!(
    transactions_are_all_or_none,
    |server: Server, table: &'static str| async move {
        server.table(table, "id int primary key").await;
        let count = format!("select count(*) as n from {table}");
        let insert = format!("insert into {table} values (?)");
        let batch = server
            .done(json!({"operation": "batch", "query": insert, "params_list": [[1], [2], [3]]}))
            .await;
        assert_eq!(batch.primary(), &Value::Int(3));
        let twice = server
            .failed(json!({"operation": "batch", "query": insert, "params_list": [[4], [4]]}))
            .await;
        assert_eq!(twice.kind(), Kind::Execution, "{twice:?}");
        assert!(twice.details().get("sqlstate").is_some());
        assert_eq!(
            server.rows(json!({"query": count})).await,
            json!([{"n": 3}])
        );
        let tx = server
            .rows(json!({"operation": "begin", "isolation": "serializable"}))
            .await;
        server
            .done(json!({"operation": "execute", "tx": tx, "query": insert, "params": [9]}))
            .await;
        assert_eq!(
            server.rows(json!({"tx": tx, "query": count})).await,
            json!([{"n": 4}])
        );
        server
            .done(json!({"operation": "rollback", "tx": tx}))
            .await;
        assert_eq!(
            server.rows(json!({"query": count})).await,
            json!([{"n": 3}])
        );
        let tx = server.rows(json!({"operation": "begin"})).await;
        server
            .done(json!({"operation": "execute", "tx": tx, "query": insert, "params": [10]}))
            .await;
        server.done(json!({"operation": "commit", "tx": tx})).await;
        assert_eq!(
            server.rows(json!({"query": count})).await,
            json!([{"n": 4}])
        );
        let results = server
        .rows(json!({"operation": "transaction", "statements": [{"query": insert, "params": [11]}, {"query": count}]}))
        .await;
        assert_eq!(results[1]["rows"], json!([{"n": 5}]));
        // One that is left open ends with its run.
        let tx = server.rows(json!({"operation": "begin"})).await;
        server
            .done(json!({"operation": "execute", "tx": tx, "query": insert, "params": [12]}))
            .await;
    }
);

on_both!(
    reading_changes_nothing,
    |server: Server, table: &'static str| async move {
        server.table(table, "id int primary key").await;
        server
            .done(
                json!({"operation": "execute", "query": format!("insert into {table} values (1)")}),
            )
            .await;
        for (database, query) in [
            ("look", format!("delete from {table}")),
            ("look", format!("drop table {table}")),
            ("plain", format!("drop table {table}")),
            ("plain", "set time_zone = '+01:00'".to_owned()),
        ] {
            let error = server
                .failed(json!({"database": database, "query": query}))
                .await;
            assert_eq!(error.kind(), Kind::Denied, "{query}: {error:?}");
        }
        let asked = server
            .failed(json!({"query": format!("delete from {table}"), "read_only": true}))
            .await;
        assert_eq!(asked.kind(), Kind::Denied);
        // The server itself refuses what gets past the look at the text.
        let tx = server
            .rows(json!({"operation": "begin", "read_only": true}))
            .await;
        let error = server
            .failed(json!({"tx": tx, "query": format!("insert into {table} values (2)")}))
            .await;
        assert_eq!(error.kind(), Kind::Denied);
        server
            .done(json!({"operation": "rollback", "tx": tx}))
            .await;
        assert_eq!(
            server
                .rows(json!({"database": "look", "query": format!("select id from {table}")}))
                .await,
            json!([{"id": 1}])
        );
    }
);

on_both!(
    rows_are_capped,
    |server: Server, table: &'static str| async move {
        server
            .table(table, "id int primary key, filler varchar(1000)")
            .await;
        let lists: Vec<_> = (0..300).map(|id| json!([id, "x".repeat(1000)])).collect();
        server
        .done(json!({"operation": "batch", "query": format!("insert into {table} values (?, ?)"), "params_list": lists}))
        .await;
        let query = format!("select id from {table} order by id");
        let outcome = server
            .done(json!({"query": query, "max_rows": 2, "offset": 10}))
            .await;
        assert_eq!(
            outcome.primary().to_serde_json(),
            json!([{"id": 10}, {"id": 11}])
        );
        assert_eq!(outcome.data.get("truncated"), Some(&Value::Bool(true)));
        let look = server
            .done(json!({"database": "look", "query": query, "max_rows": 100}))
            .await;
        assert_eq!(look.data.get("row_count"), Some(&Value::Int(5)));
        // The connection is good for more afterwards, also within a transaction.
        let tx = server.rows(json!({"operation": "begin"})).await;
        for _ in 0..2 {
            let cut = server
                .done(json!({"tx": tx, "query": format!("select * from {table}"), "max_rows": 1}))
                .await;
            assert_eq!(cut.data.get("truncated"), Some(&Value::Bool(true)));
        }
        server.done(json!({"operation": "commit", "tx": tx})).await;
        assert_eq!(
            server
                .rows(json!({"query": format!("select count(*) as n from {table}")}))
                .await,
            json!([{"n": 300}])
        );
    }
);

on_both!(
    schema_is_described,
    |server: Server, table: &'static str| async move {
        let other = format!("{table}_other");
        server
            .done(json!({"operation": "execute", "query": format!("drop table if exists {other}")}))
            .await;
        server
            .table(
                table,
                "id int primary key, name varchar(20) not null default 'x', unique (name)",
            )
            .await;
        server
        .done(json!({"operation": "execute", "query": format!("create table {other} (id int primary key, one int, foreign key (one) references {table} (id))")}))
        .await;
        let tables = server
            .rows(json!({"operation": "schema", "tables": format!("{table}*")}))
            .await;
        let names: Vec<_> = tables
            .as_array()
            .unwrap()
            .iter()
            .map(|table| table["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, [table, &other]);
        assert_eq!(tables[0]["columns"][0]["primary_key"], true);
        assert_eq!(tables[0]["columns"][1]["nullable"], false);
        assert!(
            tables[0]["columns"][1]["default"]
                .as_str()
                .unwrap()
                .contains("'x'")
        );
        let unique = tables[0]["indexes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|index| index["columns"] == json!(["name"]) && index["unique"] == json!(true));
        assert!(unique, "{tables}");
        assert_eq!(tables[1]["foreign_keys"][0]["references_table"], table);
        assert_eq!(tables[1]["foreign_keys"][0]["columns"], json!(["one"]));
        let plan = server.rows(json!({"operation": "explain", "query": format!("select * from {table} where id = ?"), "params": [1]})).await;
        assert!(plan.is_array() || plan.is_object(), "{plan}");
        let ping = server.done(json!({"operation": "ping"})).await;
        assert_eq!(ping.primary(), &Value::Bool(true));
        let wrong = server
            .failed(json!({"database": "wrong", "query": "select 1"}))
            .await;
        assert_eq!(wrong.kind(), Kind::Auth, "{wrong:?}");
    }
);

#[tokio::test]
async fn postgres_types() {
    let Some(server) = Server::find(POSTGRES, "postgres_types") else {
        return;
    };
    server
        .done(json!({"operation": "execute", "query": "drop table if exists kinds"}))
        .await;
    server
        .done(json!({"operation": "execute", "query": "drop type if exists mood"}))
        .await;
    server
        .done(json!({"operation": "execute", "query": "create type mood as enum ('sad', 'happy')"}))
        .await;
    server
        .table(
            "kinds",
            "b boolean, i2 smallint, i8 bigint, f4 real, f8 double precision, n numeric(20, 5), t text, d date, \
             ti time, ts timestamp, tz timestamptz, iv interval, j json, jb jsonb, by bytea, u uuid, ia int[], ta text[], \
             m mood, r int4range, ip inet, bi bit(4)",
        )
        .await;
    let insert = "insert into kinds values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = json!([
        true, 7, 9_007_199_254_740_993_i64, 0.1, 1.5, "12345678901234.56789", "é'\"\\", "2026-01-31",
        "12:34:56.5", "2026-01-31T12:34:56.789", "2026-01-31T12:34:56+01:00", "1 day 02:03:04", {"a": [1, null]},
        "{\"b\": \"x\"}", {"bytes": "AAH/"}, "550e8400-e29b-41d4-a716-446655440000", [1, null, 3], ["a,b", "\"c\"", "NULL"],
        "happy", "[1,5)", "192.168.0.0/16", "0101",
    ]);
    server
        .done(json!({"operation": "execute", "query": insert, "params": params}))
        .await;
    let outcome = server.done(json!({"query": "select * from kinds"})).await;
    assert_eq!(
        outcome.primary().to_serde_json(),
        json!([{
            "b": true, "i2": 7, "i8": 9_007_199_254_740_993_i64, "f4": 0.1, "f8": 1.5, "n": "12345678901234.56789",
            "t": "é'\"\\", "d": "2026-01-31", "ti": "12:34:56.5", "ts": "2026-01-31T12:34:56.789",
            "tz": "2026-01-31T11:34:56Z", "iv": "P1DT2H3M4S", "j": {"a": [1, null]}, "jb": {"b": "x"},
            "by": {"bytes": "AAH/"}, "u": "550e8400-e29b-41d4-a716-446655440000", "ia": [1, null, 3],
            "ta": ["a,b", "\"c\"", "NULL"], "m": "happy", "r": "[1,5)", "ip": "192.168.0.0/16", "bi": "0101",
        }])
    );
    let columns = outcome.data.get("columns").unwrap().to_serde_json();
    assert_eq!(
        columns[5],
        json!({"name": "n", "type": "numeric", "nullable": null})
    );
    let numbers = "select 0.0005::numeric as a, 10000::numeric as b, -1.50::numeric as c, 'NaN'::numeric as d, 1e30::numeric as e, 0.000000000005::numeric as f";
    assert_eq!(
        server.rows(json!({"query": numbers})).await,
        json!([{"a": "0.0005", "b": "10000", "c": "-1.50", "d": "NaN", "e": "1000000000000000000000000000000", "f": "0.000000000005"}])
    );
    let odd = "select null as n, array[[1,2],[3,4]] as m, '{}'::int[] as e, row(1, 'x') as c, 'infinity'::timestamptz as i, ''::text as t";
    let odd = server.rows(json!({"query": odd})).await;
    assert_eq!(
        (&odd[0]["n"], &odd[0]["m"], &odd[0]["e"], &odd[0]["i"]),
        (
            &json!(null),
            &json!([[1, 2], [3, 4]]),
            &json!([]),
            &json!("infinity")
        )
    );
    assert_eq!(
        server
            .rows(json!({"query": "select '{\"a\":1}'::jsonb ? 'a' as has, 1::int as one"}))
            .await,
        json!([{"has": true, "one": 1}])
    );
    let wrong = server
        .failed(json!({"query": "select $1::int", "params": ["x"]}))
        .await;
    assert_eq!(wrong.kind(), Kind::Execution);
    assert_eq!(
        wrong.details().get("sqlstate").unwrap().as_str(),
        Some("22P02")
    );
    let place = server.failed(json!({"query": "select nothing"})).await;
    assert_eq!(place.details().get("position"), Some(&Value::Int(8)));
    let returned = server
        .done(json!({"query": "insert into kinds (i2) values (1), (2) returning i2"}))
        .await;
    assert_eq!(returned.data.get("rows_affected"), Some(&Value::Int(2)));
    assert_eq!(
        returned.primary().to_serde_json(),
        json!([{"i2": 1}, {"i2": 2}])
    );
}

#[tokio::test]
async fn mariadb_types() {
    let Some(server) = Server::find(MARIADB, "mariadb_types") else {
        return;
    };
    server
        .table(
            "kinds",
            "b boolean, i tinyint, u bigint unsigned, f float, d double, n decimal(20, 5), t text, v varbinary(10), \
             bl blob, da date, ti time(3), dt datetime(3), ts timestamp, y year, e enum('a', 'b'), bi bit(4)",
        )
        .await;
    let insert = "insert into kinds values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = json!([
        true, 7, "18446744073709551615", 0.1, 1.5, "12345678901234.56789", "é'\"\\", {"bytes": "AAH/"}, {"bytes": "AAH/"},
        "2026-01-31", "12:34:56.5", "2026-01-31 12:34:56.789", "2026-01-31 12:34:56", 2026, "b", 5,
    ]);
    server
        .done(json!({"operation": "execute", "query": insert, "params": params}))
        .await;
    assert_eq!(
        server.rows(json!({"query": "select * from kinds"})).await,
        json!([{
            "b": true, "i": 7, "u": "18446744073709551615", "f": 0.1, "d": 1.5, "n": "12345678901234.56789", "t": "é'\"\\",
            "v": {"bytes": "AAH/"}, "bl": {"bytes": "AAH/"}, "da": "2026-01-31", "ti": "12:34:56.5",
            "dt": "2026-01-31T12:34:56.789", "ts": "2026-01-31T12:34:56Z", "y": 2026, "e": "b", "bi": 5,
        }])
    );
    server
        .table("counted", "id int auto_increment primary key, a int")
        .await;
    let outcome = server.done(json!({"operation": "insert", "query": "insert into counted (a) values (?)", "params": [5]})).await;
    assert_eq!(outcome.data.get("last_insert_id"), Some(&Value::Int(1)));
    let wrong = server.failed(json!({"query": "select nothing"})).await;
    assert_eq!(
        wrong.details().get("sqlstate").unwrap().as_str(),
        Some("42S22")
    );
    for query in [
        "select 1 /*!50000 union select 2 */",
        "select 1 into outfile '/tmp/llmspell-stolen'",
    ] {
        let error = server
            .failed(json!({"database": "plain", "query": query}))
            .await;
        assert_eq!(error.kind(), Kind::Denied, "{query}: {error:?}");
    }
    let list = server
        .failed(json!({"query": "select ?", "params": [[1]]}))
        .await;
    assert_eq!(list.kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn slow_statements_are_stopped_by_the_server() {
    for (variable, query) in [
        (POSTGRES, "select pg_sleep(20)"),
        (MARIADB, "select sleep(20)"),
    ] {
        let Some(server) = Server::find(variable, "slow_statements_are_stopped_by_the_server")
        else {
            continue;
        };
        let error = server
            .failed(json!({"database": "hasty", "query": query}))
            .await;
        assert_eq!(error.kind(), Kind::Timeout, "{error:?}");
        assert!(error.is_retryable());
        assert_eq!(
            server
                .rows(json!({"database": "hasty", "query": "select 1 as one"}))
                .await,
            json!([{"one": 1}])
        );
    }
}

#[tokio::test]
async fn writers_in_each_others_way_are_a_conflict() {
    let Some(server) = Server::find(POSTGRES, "writers_in_each_others_way_are_a_conflict") else {
        return;
    };
    server.table("contended", "id int primary key, a int").await;
    server
        .done(json!({"operation": "execute", "query": "insert into contended values (1, 0)"}))
        .await;
    let begin = json!({"operation": "begin", "isolation": "repeatable_read"});
    let (one, two) = (server.rows(begin.clone()).await, server.rows(begin).await);
    let (look, change) = ("select a from contended", "update contended set a = a + 1");
    server.done(json!({"tx": one, "query": look})).await;
    server.done(json!({"tx": two, "query": look})).await;
    server
        .done(json!({"operation": "execute", "tx": one, "query": change}))
        .await;
    server.done(json!({"operation": "commit", "tx": one})).await;
    let error = server
        .failed(json!({"operation": "execute", "tx": two, "query": change}))
        .await;
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.is_retryable());
    // What has failed cannot be committed.
    let error = server
        .failed(json!({"operation": "commit", "tx": two}))
        .await;
    assert_eq!(error.kind(), Kind::Execution);
}

#[tokio::test]
async fn a_password_is_not_shown_by_the_server_either() {
    for variable in [POSTGRES, MARIADB] {
        let Some(server) = Server::find(variable, "a_password_is_not_shown_by_the_server_either")
        else {
            continue;
        };
        let url = std::env::var(variable).unwrap();
        let password = password(&url);
        let outcome = server
            .done(json!({"connection_string": url, "query": "select 1 as one"}))
            .await;
        assert!(!format!("{outcome:?}").contains(&password));
        let error = server
            .failed(json!({"connection_string": url, "query": "select nothing"}))
            .await;
        assert!(!format!("{error:?}").contains(&password));
    }
}
