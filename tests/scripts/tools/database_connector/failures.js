// What is refused, and what goes wrong.
const db = (params) => Tool.database_connector(params.tx ? params : { database: ":memory:", ...params });
await db({ operation: "execute", query: "create table people (id integer primary key, name text, age integer)" });
const failure = async (params) => {
  try {
    const r = await db(params);
    return [r.success, r.error_kind];
  } catch (e) {
    return ["raised", e.kind, e.message];
  }
};
const unconfigured = await Tool.database_connector({ query: "select 1" });
export default {
  several: await failure({ query: "select 1; drop table people" }),
  attach: await failure({ query: "attach '/tmp/x.db' as x" }),
  extension: await failure({ query: "select load_extension('x')" }),
  syntax: await failure({ query: "selec 1" }),
  column: await failure({ query: "select nothing from people" }),
  count: await failure({ query: "select ?", params: [1, 2] }),
  control: await failure({ query: "commit" }),
  class: await failure({ query: "select 1", query_type: "update" }),
  server: await failure({ query: "select 1", provider: "oracle" }),
  outside: await failure({ query: "select 1", path: "../x.db" }),
  transaction: await failure({ operation: "commit", tx: "tx_none" }),
  operation: await failure({ operation: "qurey" }),
  query: await failure({ operation: "execute" }),
  unknown: await failure({ query: "select 1", parms: [1] }),
  unconfigured: [unconfigured.error_kind, unconfigured.error],
};
