-- All delegates get the input; their texts are joined in the delegates' order.
local team = require("lib.team")
return team.ask(team.composite("parallel", { "poet", "loud", "cook" }), "hi")
