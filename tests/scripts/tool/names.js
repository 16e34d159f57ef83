// Functions of the table win over tools; every function has both spellings.
const both = [["get_schema", "getSchema"], ["get_by_name", "getByName"], ["execute_async", "executeAsync"]]
  .map(([snake, camel]) => typeof Tool[snake] === "function" && Tool[snake] === Tool[camel]);
const tool = await Tool.define({ name: "list", description: "Would hide Tool.list", execute: () => "mine" });
export default { both, mine: (await tool({})).output, still_a_list: (await Tool.list()).length > 1 };
