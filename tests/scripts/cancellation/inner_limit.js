// A call below with a tighter limit ends by itself, and the call around it goes on.
await Tool.define({ name: "inner", description: "Sleeps", execute: () => Utils.sleep(3600) });
await Tool.define({ name: "outer", description: "Calls inner", execute: async () =>
  `inner: ${(await Tool.inner({ timeout_ms: 10 })).error_kind}` });
export default (await Tool.outer({ timeout_ms: 60000 })).output;
