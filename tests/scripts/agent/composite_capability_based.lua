-- The delegate whose name, description and tools share most words with the prompt answers; ties go to the first.
local team = require("lib.team")
local able = team.composite("capability_based", { "poet", "cook" })
return { soup = team.ask(able, "some soup please"), poems = team.ask(able, "three poems"), tie = team.ask(able, "whatever") }
