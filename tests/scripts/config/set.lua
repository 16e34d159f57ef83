-- Config.set changes what Config.get reads, for this run only.
Config.set("my.list", { 1, 2 })
Config.set("my.table.name", "Ann")
Config.set("runtime.timeout_ms", 99000)
local _, through = pcall(Config.set, "my.table.name.first", "Ann")
return {
  list = Config.get("my.list"),
  table = Config.get("my.table"),
  changed = Config.get("runtime.timeout_ms"),
  has = Config.has("my.table.name"),
  through = { through.kind, through.message },
}
