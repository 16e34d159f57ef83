// Config.has tells whether a dotted path leads to a value.
export default {
  table: await Config.has("runtime"),
  value: await Config.has("runtime.timeout_ms"),
  nothing: await Config.has("runtime.no_such_key"),
  through_a_value: await Config.has("runtime.timeout_ms.deeper"),
};
