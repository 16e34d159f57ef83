-- Takes a UUID apart.
local timed = Tool.uuid_generator { operation = "parse", uuid = "{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}" }
local random = Tool.uuid_generator { operation = "info", input = "9b2ab2e3-9d38-4bfb-8d0c-4f7d6b4d2a10" }
local bad = Tool.uuid_generator { operation = "parse", uuid = "nothing" }
return {
  timed = timed.output,
  random = { random.version, random.variant, random.data.timestamp == nil },
  bad = { bad.success, bad.error_kind },
}
