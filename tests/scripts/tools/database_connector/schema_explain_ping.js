// What there is, how it is asked, and whether it answers.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
const schema = await db({ operation: "list_tables", tables: "peo*" });
const plan = (await db({ operation: "explain", query: "select * from people where id = ?", params: [1] })).output;
const ping = await db({ operation: "ping" });
export default {
  table: [schema.tables[0].name, schema.tables[0].kind, schema.tables[0].columns.length],
  column: schema.output[0].columns[0],
  plan: plan[0].detail.includes("PRIMARY KEY"),
  ping: [ping.output, ping.available, ping.version.startsWith("3.")],
};
