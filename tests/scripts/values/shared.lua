-- The same table twice is no cycle: it arrives as two equal values.
local address = { city = "Bern" }
local text = JSON.stringify { home = address, work = address, all = { address, address } }
return JSON.parse(text)
