-- Config.has tells whether a dotted path leads to a value.
return {
  table = Config.has("runtime"),
  value = Config.has("runtime.timeout_ms"),
  nothing = Config.has("runtime.no_such_key"),
  through_a_value = Config.has("runtime.timeout_ms.deeper"),
}
