-- Dots lead into folders.
local square = require("shapes.square")
return square.area(3)
