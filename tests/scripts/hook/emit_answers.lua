-- A hook may keep an event of the runtime from being published, or change it; what it is about goes on. It is not asked
-- about what comes of its own calls.
local asked = {}
Hook.register("BeforeEventEmit", function(ctx)
  local kind = ctx.data.event_type
  asked[#asked + 1] = kind
  if kind == "tool.started" then
    Tool.invoke("calculator", { input = "1 + 2" })
    return "no"
  elseif kind == "log.warn" then
    return { type = "modified", data = { payload = { message = "hidden" } } }
  elseif kind == "config.changed" then
    return { type = "modified", data = { event_type = "config.renamed", source = "guard" } }
  end
end)
local id = Event.subscribe { "tool.*", "log.*", "config.*" }
local sum = Tool.invoke("calculator", { input = "20 + 1" }).output
Logger.warn("careful")
Config.set("x.y", 1)
local got = {}
for i, e in ipairs(Event.receive_batch(id, { timeout_ms = 0 })) do
  got[i] = { e.type, tostring(e.source), e.data.message or e.data.key or e.data.tool_name }
end
return { sum = sum, asked = asked, got = got, set = Config.get("x.y") }
