// A transaction that lasts over several calls.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
const insert = "insert into people (name) values ('Ann')";
const count = async () => (await db({ query: "select count(*) as n from people" })).output[0].n;
const first = await db({ operation: "begin" });
await db({ operation: "execute", tx: first.tx, query: insert });
const busy = await db({ query: "select * from people" });
const rolledBack = await db({ operation: "rollback", tx: first.tx });
const afterRollback = await count();
const second = (await db({ operation: "begin", isolation: "serializable" })).output;
await db({ operation: "execute", transaction_id: second, tx: second, query: insert });
const committed = await db({ operation: "commit", tx: second });
export default {
  isolation: first.isolation,
  busy: [busy.success, busy.error_kind],
  rolled_back: [rolledBack.output, rolledBack.rolled_back, afterRollback],
  committed: [committed.output, committed.committed, await count()],
  gone: (await db({ operation: "commit", tx: second })).error_kind,
};
