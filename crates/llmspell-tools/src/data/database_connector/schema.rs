//! What tables a database has.

use llmspell_core::{Map, Result, Value};

use super::session::{Job, Session};
use super::statement::{Bound, Dialect};

/// Most columns, indexes and keys that are read.
pub(super) const MAX_ROWS: usize = 200_000;

/// The statements that list tables, columns, indexes and foreign keys; all give the same columns on every server.
struct Listing {
    tables: &'static str,
    columns: &'static str,
    indexes: &'static str,
    foreign_keys: &'static str,
}

const SQLITE: Listing = Listing {
    tables: "select 'main' as \"schema\", name as \"table\", type as kind, null as row_estimate from sqlite_master \
        where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by name",
    columns: "select 'main' as \"schema\", m.name as \"table\", c.name as name, lower(c.type) as type, \
        c.\"notnull\" = 0 as nullable, c.dflt_value as \"default\", c.pk > 0 as primary_key \
        from sqlite_master m, pragma_table_info(m.name) c where m.type in ('table', 'view') order by m.name, c.cid",
    indexes: "select 'main' as \"schema\", m.name as \"table\", i.name as name, i.\"unique\" as is_unique, c.name as \"column\" \
        from sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c \
        where m.type = 'table' order by m.name, i.name, c.seqno",
    foreign_keys: "select 'main' as \"schema\", m.name as \"table\", cast(k.id as text) as name, k.\"from\" as \"column\", \
        k.\"table\" as references_table, k.\"to\" as references_column \
        from sqlite_master m, pragma_foreign_key_list(m.name) k where m.type = 'table' order by m.name, k.id, k.seq",
};

const POSTGRES: Listing = Listing {
    tables: "select n.nspname::text as schema, c.relname::text as \"table\", \
        case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' when 'f' then 'foreign_table' else 'table' end as kind, \
        greatest(c.reltuples, 0)::bigint as row_estimate from pg_catalog.pg_class c \
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v', 'm', 'f', 'p') \
        and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' order by 1, 2",
    columns: "select n.nspname::text as schema, c.relname::text as \"table\", a.attname::text as name, \
        pg_catalog.format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable, \
        pg_catalog.pg_get_expr(d.adbin, d.adrelid) as \"default\", \
        exists (select 1 from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as primary_key \
        from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid \
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum \
        where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'f', 'p') \
        and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' order by 1, 2, a.attnum",
    indexes: "select n.nspname::text as schema, t.relname::text as \"table\", x.relname::text as name, i.indisunique as is_unique, \
        pg_catalog.pg_get_indexdef(i.indexrelid, k.place::int, true) as \"column\" from pg_catalog.pg_index i \
        join pg_catalog.pg_class t on t.oid = i.indrelid join pg_catalog.pg_class x on x.oid = i.indexrelid \
        join pg_catalog.pg_namespace n on n.oid = t.relnamespace \
        cross join lateral generate_series(1, i.indnkeyatts) as k (place) \
        where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' order by 1, 2, 3, k.place",
    foreign_keys: "select n.nspname::text as schema, t.relname::text as \"table\", o.conname::text as name, a.attname::text as \"column\", \
        o.confrelid::regclass::text as references_table, b.attname::text as references_column from pg_catalog.pg_constraint o \
        join pg_catalog.pg_class t on t.oid = o.conrelid join pg_catalog.pg_namespace n on n.oid = t.relnamespace \
        cross join lateral generate_subscripts(o.conkey, 1) as k (place) \
        join pg_catalog.pg_attribute a on a.attrelid = o.conrelid and a.attnum = o.conkey[k.place] \
        join pg_catalog.pg_attribute b on b.attrelid = o.confrelid and b.attnum = o.confkey[k.place] \
        where o.contype = 'f' order by 1, 2, 3, k.place",
};

const MYSQL: Listing = Listing {
    tables: "select table_schema as `schema`, table_name as `table`, \
        case table_type when 'VIEW' then 'view' else 'table' end as kind, table_rows as row_estimate \
        from information_schema.tables where table_schema = database() order by table_name",
    columns: "select table_schema as `schema`, table_name as `table`, column_name as name, column_type as type, \
        is_nullable = 'YES' as nullable, column_default as `default`, column_key = 'PRI' as primary_key \
        from information_schema.columns where table_schema = database() order by table_name, ordinal_position",
    indexes: "select table_schema as `schema`, table_name as `table`, index_name as name, non_unique = 0 as is_unique, \
        column_name as `column` from information_schema.statistics where table_schema = database() \
        order by table_name, index_name, seq_in_index",
    foreign_keys: "select table_schema as `schema`, table_name as `table`, constraint_name as name, column_name as `column`, \
        referenced_table_name as references_table, referenced_column_name as references_column \
        from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null \
        order by table_name, constraint_name, ordinal_position",
};

/// Reads the tables whose names fit one of the globs, all if there are none.
pub(super) async fn read(
    session: &mut Session,
    job: &Job<'_>,
    in_tx: bool,
    globs: Option<&[String]>,
) -> Result<Vec<Value>> {
    let listing = match session.dialect() {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
        Dialect::Mysql { .. } => &MYSQL,
    };
    let tables = rows(session, job, in_tx, listing.tables).await?;
    let columns = rows(session, job, in_tx, listing.columns).await?;
    let indexes = rows(session, job, in_tx, listing.indexes).await?;
    let foreign_keys = rows(session, job, in_tx, listing.foreign_keys).await?;
    let wanted = |table: &&Value| {
        let name = text(table, "table");
        globs.is_none_or(|globs| globs.is_empty() || globs.iter().any(|glob| fits(glob, &name)))
    };
    let described = tables.iter().filter(wanted).map(|table| {
        let own = |row: &&Value| {
            text(row, "table") == text(table, "table")
                && text(row, "schema") == text(table, "schema")
        };
        let mut map = Map::from([
            ("name", Value::from(text(table, "table"))),
            ("schema", text(table, "schema").into()),
            ("kind", text(table, "kind").into()),
            ("row_estimate", member(table, "row_estimate")),
        ]);
        map.insert(
            "columns".to_owned(),
            columns.iter().filter(own).map(column).collect(),
        );
        map.insert(
            "indexes".to_owned(),
            grouped(indexes.iter().filter(own), &["column"], |row| {
                Map::from([
                    ("name", member(row, "name")),
                    ("unique", truth(row, "is_unique")),
                ])
            }),
        );
        map.insert(
            "foreign_keys".to_owned(),
            grouped(
                foreign_keys.iter().filter(own),
                &["column", "references_column"],
                |row| {
                    Map::from([
                        ("name", member(row, "name")),
                        ("references_table", member(row, "references_table")),
                    ])
                },
            ),
        );
        Value::Map(map)
    });
    Ok(described.collect())
}

async fn rows(session: &mut Session, job: &Job<'_>, in_tx: bool, text: &str) -> Result<Vec<Value>> {
    let bound = Bound {
        sql: text.to_owned(),
        values: Vec::new(),
    };
    let mut answer = session.run(job, &bound, in_tx).await?;
    for row in &mut answer.rows {
        // Some servers shout the names of columns.
        if let Value::Map(map) = row {
            *map = std::mem::take(map)
                .into_iter()
                .map(|(name, value)| (name.to_lowercase(), value))
                .collect();
        }
    }
    Ok(answer.rows)
}

fn member(row: &Value, name: &str) -> Value {
    row.get(name).cloned().unwrap_or_default()
}

fn text(row: &Value, name: &str) -> String {
    match row.get(name) {
        Some(Value::Str(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn truth(row: &Value, name: &str) -> Value {
    match row.get(name) {
        Some(Value::Int(number)) => Value::Bool(*number != 0),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}

fn column(row: &Value) -> Value {
    Value::from([
        ("name", member(row, "name")),
        ("type", member(row, "type")),
        ("nullable", truth(row, "nullable")),
        ("default", member(row, "default")),
        ("primary_key", truth(row, "primary_key")),
    ])
}

/// Joins the rows of one name, which stand side by side: their `lists` become lists of that name and an `s`.
fn grouped<'a>(
    rows: impl Iterator<Item = &'a Value>,
    lists: &[&str],
    head: impl Fn(&Value) -> Map,
) -> Value {
    let mut all: Vec<Map> = Vec::new();
    for row in rows {
        let name = member(row, "name");
        if all.last().and_then(|last| last.get("name")) != Some(&name) {
            let mut map = head(row);
            for list in lists {
                map.insert(format!("{list}s"), Value::List(Vec::new()));
            }
            all.push(map);
        }
        for list in lists {
            let place = all
                .last_mut()
                .and_then(|last| last.get_mut(&format!("{list}s")));
            if let Some(Value::List(items)) = place {
                items.push(member(row, list));
            }
        }
    }
    all.into_iter().map(Value::Map).collect()
}

/// Returns whether a name fits a glob of `*` and `?`, in any case.
fn fits(glob: &str, name: &str) -> bool {
    let (glob, name) = (glob.to_lowercase(), name.to_lowercase());
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < name.len() {
        match glob.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[place] => {
                at += 1;
                place += 1;
            }
            _ => match star {
                Some((back, from)) => {
                    star = Some((back, from + 1));
                    at = back + 1;
                    place = from + 1;
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_chosen_by_globs() {
        for (glob, name, expected) in [
            ("*", "a", true),
            ("user*", "Users", true),
            ("*_log", "audit_log", true),
            ("?b", "ab", true),
            ("user", "users", false),
            ("*a*b", "xaxbx", false),
        ] {
            assert_eq!(fits(glob, name), expected, "{glob} {name}");
        }
    }
}
