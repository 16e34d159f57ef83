-- Lines of JSON, each queried by itself.
local r = Tool.json_processor { operation = "stream", input = '{"n":1}\n{"n":2}\n\n{"n":3}', query = ".n * 10" }
local all = Tool.json_processor { operation = "jsonl", input = "[1]\n[2]" }
return { output = r.output, count = r.metadata.result_count, all = all.output }
