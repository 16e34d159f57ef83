// Config.get reads the effective configuration at a dotted path; the second argument answers when nothing is there.
export default {
  number: await Config.get("runtime.timeout_ms"),
  list: await Config.get("tools.deny"),
  table: await Config.get("tools.calculator"),
  unset: (await Config.get("my.own.key")) === null,
  default: await Config.get("my.own.key", { a: 1 }),
  not_needed: await Config.get("runtime.timeout_ms", 5),
};
