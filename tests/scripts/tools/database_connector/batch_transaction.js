// Several changes: all or none.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
const insert = "insert into people (id, name) values (?, ?)";
const count = async () => (await db({ query: "select count(*) as n from people" })).output[0].n;
const batch = await db({ operation: "batch", query: insert, params_list: [[1, "Ann"], [2, "Bob"]] });
const twice = await db({ operation: "execute_many", query: insert, params_list: [[3, "Cyd"], [3, "Dee"]] });
const afterTwice = await count();
const both = await db({
  operation: "transaction",
  statements: [{ query: insert, params: [4, "Eve"] }, { query: "select count(*) as n from people" }],
});
const broken = await db({ operation: "transaction", statements: [{ query: "delete from people" }, { query: "select * from nowhere" }] });
export default {
  batch: [batch.output, batch.executed],
  twice: [twice.success, twice.error_kind, afterTwice],
  both: [both.committed, both.results[1].rows],
  broken: [broken.success, broken.error_kind, await count()],
};
