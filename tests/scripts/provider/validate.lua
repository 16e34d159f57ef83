-- One minimal request says whether a provider can be used.
local raised = require("lib.raised")
local mock, dead = Provider.validate("mock"), Provider.validate("dead")
return {
  mock = { mock.ok, mock.latency_ms >= 0, mock.error == nil },
  dead = { dead.ok, dead.latency_ms >= 0, type(dead.error) },
  unknown = raised(Provider.validate, "moc"),
}
