-- A composite streams what it answers, with one end.
local team = require("lib.team")
local seen = {}
for _, routing in ipairs { "sequential", "parallel", "round_robin" } do
  local text, ends = "", 0
  local answer = team.composite(routing, { "poet", "loud" }):invoke_stream("hi you", function(chunk)
    text = text .. chunk.text
    ends = ends + (chunk.type == "end" and 1 or 0)
  end)
  seen[routing] = { answer.text, text == answer.text, ends }
end
return seen
