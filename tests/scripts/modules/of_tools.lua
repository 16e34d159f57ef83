-- What a module defines, the spell has.
require("tools")
return Tool.shout({ text = "hurry" }).output
