// Changes are counted, and may give rows.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
const inserted = await db({ operation: "insert", query: "insert into people (name, age) values (?, ?)", params: ["Ann", 31] });
const returned = await db({ operation: "update", query: "update people set age = age + 1 returning age" });
export default {
  inserted: [inserted.output, inserted.rows_affected, inserted.last_insert_id],
  returned: [returned.output, returned.rows],
  deleted: (await db({ operation: "delete", query: "delete from people" })).output,
  message: (await db({ operation: "execute", query: "delete from people" })).message,
};
