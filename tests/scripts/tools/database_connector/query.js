// Rows, with values bound in any of three ways.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
await db({ operation: "execute", query: "insert into people (name, age) values ('Ann', 31), ('Bob', 25)" });
const r = await db({ query: "select name, age from people where age > ?", params: [30] });
export default {
  output: r.output,
  data: [r.row_count, r.truncated, r.database, r.database_type, r.columns[0].name, r.status],
  numbered: (await db({ sql: "select name from people where age = $1 or age = $1", bind: [25] })).output,
  named: (await db({ query: "select name from people where name = :name", params: { name: "Ann" } })).output,
  injected: (await db({ query: "select name from people where name = ?", params: ["' or '1'='1"] })).output,
  cut: (await db({ query: "select name from people order by id", max_rows: 1, offset: 1 })).output,
};
