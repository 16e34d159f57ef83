-- A tool's output is kept when the call asks for it, and when it is too large for its reader.
local sid = Session.create()
Session.set_current(sid)
local sum = Tool.invoke("calculator", { input = "6 * 7", save_output = "answer" })
local unnamed = Tool.invoke("calculator", { input = "1 + 1", save_output = true })
local large = Tool.invoke("text_manipulator", { operation = "repeat", input = "ab", times = 3000, max_output_bytes = 1000 })
local both = Tool.invoke("text_manipulator", { operation = "repeat", input = "cd", times = 3000, max_output_bytes = 1000, save_output = "whole" })
local cut = large.output
local names = {}
for i, m in ipairs(Artifact.list(sid)) do names[i] = (m.name:gsub("%-.*", "-ID")) end
local kept = Artifact.get(sid, sum.metadata.artifacts[1])
return {
  sum = { content = kept.content, name = kept.name, type = kept.artifact_type, by = kept.created_by, tool = kept.custom.tool, same = kept.custom.call_id == sum.metadata.call_id },
  unnamed = Artifact.get_content(sid, unnamed.metadata.artifacts[1]),
  cut = {
    truncated = cut.truncated, size = cut.size, preview = #cut.preview, told = large.metadata.truncated,
    whole = Artifact.get_content(sid, cut.artifact) == ("ab"):rep(3000),
    once = #large.metadata.artifacts, data = large.data.result.artifact.sequence == cut.artifact.sequence,
  },
  both = { #both.metadata.artifacts, both.output.artifact.sequence == both.metadata.artifacts[1].sequence },
  names = names,
  refused = {
    select(2, pcall(Tool.invoke, "calculator", { input = "1", save_output = 5 })).kind,
    Tool.invoke("calculator", { input = "1", save_output = "" }).error_kind,
  },
}
