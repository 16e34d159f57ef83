-- One delegate per call, in turn.
local team = require("lib.team")
local turns = team.composite("round_robin", { "poet", "loud" })
local answered = {}
for index = 1, 3 do
  answered[index] = team.ask(turns, "hi")
end
return answered
