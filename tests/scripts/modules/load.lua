-- `require` finds modules beside the script, in folders, and in `lib/`.
local greeting = require("greeting")
local same = require("lib.greeting")
return { text = greeting.hello("world"), language = same.language }
