-- What was read can be written again, unchanged.
local text = '{"a":[1,2.5,"x",[],{}],"b":{"c":null,"d":false},"e":"\\"quoted\\""}'
assert(json == JSON, "the lower-case name is the same table")
local again = JSON.parse(text)
again.b.c = JSON.null
return { same = JSON.stringify(again) == text, text = JSON.stringify(again) }
