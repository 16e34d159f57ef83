-- A module is loaded once, whoever asks for it.
local first = require("counter")
local second = require("counter")
return { same = first == second, inside = require("slow").counter == first, loads = first.loads() }
