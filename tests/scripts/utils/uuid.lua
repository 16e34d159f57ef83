-- A random UUID of version 4.
local one, two = Utils.uuid(), Utils.uuid()
local four = "%x%x%x%x"
local form = "^" .. four:rep(2) .. "%-" .. four .. "%-4%x%x%x%-[89ab]%x%x%x%-" .. four:rep(3) .. "$"
return { form = one:match(form) ~= nil, differ = one ~= two, length = #one }
