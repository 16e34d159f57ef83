-- Summarises files at the same time, then makes one summary of the summaries.
--
--   llmspell run examples/map_reduce.lua notes/*.txt
--
-- It shows branches that are made from data, tokens that read files, a limit on how many run at once, a branch that may
-- fail, and a step after the join. Without arguments it writes three files of its own, and takes them away again.

local files, own = { table.unpack(arg) }, nil
if #files == 0 then
  own = "map_reduce_notes"
  local texts = {
    monday = "Rain all day. The pump in the cellar ran from noon.",
    tuesday = "The pump stopped at three. We carried water until five.",
    wednesday = "A new pump came. It is louder, and it works.",
  }
  for _, day in ipairs { "monday", "tuesday", "wednesday" } do
    local path = own .. "/" .. day .. ".txt"
    Tool.file_operations { operation = "write", path = path, input = texts[day] }
    files[#files + 1] = path
  end
end

Agent.create { name = "reader", system_prompt = "You summarise a text in one sentence." }
Agent.create { name = "editor", system_prompt = "You make one short paragraph of several summaries." }

local branches, summaries = {}, {}
for i, path in ipairs(files) do
  branches[i] = { name = "file_" .. i, agent = "reader", prompt = "Summarise:\n\n{{file:" .. path .. "}}", required = false }
  summaries[i] = ("%s: {{branch:file_%d:file_%d:text | default:could not be read}}"):format(path, i, i)
end

local result = Workflow.parallel({
  name = "map_reduce",
  max_concurrency = 3,
  branches = branches,
  post_steps = {
    { name = "reduce", agent = "editor", prompt = "Make one paragraph of these:\n\n" .. table.concat(summaries, "\n") },
  },
}):execute()

if own then Tool.file_operations { operation = "delete", path = own, recursive = true } end
print(result.success and result.output or result.error.message)
return { files = #files, summarised = result.data.successful_branches }
