local one = 1
local two = = 2
