-- So many sessions are active at once, and so many calls are made for each, with so much memory.
local function failed(f, ...)
  local _, e = pcall(f, ...)
  return { kind = e.kind, message = (e.message:gsub("%x+%-%x+%-%x+%-%x+%-%x+", "ID")), limit = e.details.limit, value = e.details.value }
end
local a, b = Session.create(), Session.create()
local third = failed(Session.create)
Session.suspend(a)
local c = Session.create { config = { resource_limits = { max_operations = 2 } } }
local resumed = failed(Session.resume, a)
Session.complete(b)
Session.resume(a)
Session.set_current(c)
Tool.calculator { input = "1 + 1" }
Tool.calculator { input = "1 + 1" }
local exceeded = Tool.calculator { input = "1 + 1" }
local count = Session.stats(c).operation_count
Session.set_current(nil)
local status = Session.get(c).status
Session.complete(c)
local d = Session.create { config = { resource_limits = { max_memory_bytes = 1 } } }
Session.set_current(d)
local memory = Tool.calculator { input = "1 + 1" }
Session.set_current(nil)
return {
  memory = { memory.error_kind, memory.error:match("may use 1 bytes of memory") },
  third = third, resumed = resumed, exceeded = { kind = exceeded.error_kind, message = (exceeded.error:gsub("%x+%-%x+%-%x+%-%x+%-%x+", "ID")) },
  count = count, status = status,
  outside = Tool.calculator({ input = "1 + 1" }).output, active = #Session.list { status = "active" },
}
