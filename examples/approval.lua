-- Asks on the terminal before a tool that changes the world runs.
--
--   llmspell run examples/approval.lua        type y and Enter to permit, anything else to refuse
--
-- The hook sees every call of a tool, whoever makes it: this script, or a model within an agent. It fails closed: if it
-- cannot ask, nothing happens.

local dangerous = { deploy = true, file_operations = true, process_executor = true, email_sender = true }

Hook.register("BeforeToolExecution", function(ctx)
  if not dangerous[ctx.tool_name] then return "continue" end
  io.stderr:write(("permit %s %s? [y/N] "):format(ctx.tool_name, JSON.stringify(ctx.parameters)))
  if io.read("l") == "y" then return "continue" end
  return { type = "cancel", reason = "refused on the terminal" }
end, { name = "approval", priority = "highest", timeout_ms = 600000, fail_closed = true })

Tool.define {
  name = "deploy",
  description = "Puts a version into production",
  parameters = { { name = "version", type = "string", required = true } },
  execute = function(p) return "version " .. p.version .. " is live" end,
}

print(Tool.calculator({ input = "6 * 7" }).output)   -- not dangerous, not asked for

local ok, result = pcall(Tool.invoke, "deploy", { version = "1.2" })
if ok then
  print(result.output)
else
  print("not deployed: " .. result.message)
end
