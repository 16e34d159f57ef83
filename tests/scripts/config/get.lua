-- Config.get reads the effective configuration at a dotted path; the second argument answers when nothing is there.
return {
  number = Config.get("runtime.timeout_ms"),
  list = Config.get("tools.deny"),
  table = Config.get("tools.calculator"),
  unset = Config.get("my.own.key") == nil,
  default = Config.get("my.own.key", { a = 1 }),
  not_needed = Config.get("runtime.timeout_ms", 5),
}
