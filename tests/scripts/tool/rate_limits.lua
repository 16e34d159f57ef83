-- A tool may be called only so often, by all runs of the process; a call beyond that is refused, or waits for its turn.
local last
for _ = 1, 3 do last = Tool.calculator { input = "1 + 1" } end
local details = last.metadata.details
local waited = { Tool.hash_calculator { input = "a" }, Tool.hash_calculator { input = "a" } }
local slow
for _ = 1, 2 do slow = Tool.base64_encoder { operation = "encode", input = "a", timeout_ms = 1000 } end
return {
  refused = { last.success, last.error_kind, last.error:find("rate limit") ~= nil },
  again = details.retry_after_ms > 0 and details.retry_after_ms <= 60000,
  waited = { waited[1].success, waited[2].success },
  late = { slow.success, slow.error_kind, slow.error:find("rate limit") ~= nil },
}
