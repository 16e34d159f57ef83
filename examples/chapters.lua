-- A session that several runs work for: each run writes the next chapter, the last one completes the session.
-- Run it three times, then look at what all of them did with `llmspell session show book`.
local chapters = { "boxes", "ships", "harbours" }

local waiting = Session.list { tags = { "chapters" } }[1]
local id
if waiting then
  id = Session.load(waiting.id)
  Session.resume(id)
else
  id = Session.create { name = "book", tags = { "chapters" }, metadata = { done = 0 } }
end

-- Calls are made for this session from here on: they are counted, exported and shown with it.
Session.set_current(id)
local number = Session.get(id).metadata.done + 1
local author = Agent.create { name = "author", system_prompt = "You write one sentence." }
local sentence = author:execute("Write about " .. chapters[number])
print(("%d. %s"):format(number, sentence))

Session.update_metadata(id, { done = number })
if number == #chapters then
  Session.complete(id)
else
  Session.suspend(id)
end

local stats = Session.stats(id)
print(("%s after %d calls"):format(stats.status, stats.operation_count))
