-- Values for the variables of a jq filter.
local r = Tool.json_processor { input = { 1, 5, 10 }, query = "[.[] | select(. >= $least)]", variables = { least = 5 } }
return r.output
