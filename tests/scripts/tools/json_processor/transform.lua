-- Builds an object from paths and filters.
local r = Tool.json_processor {
  operation = "transform",
  input = { user = { name = "Ann", mails = { "a@x", "b@x" } } },
  transformation = { who = "$.user.name", first = ".user.mails[0]", count = ".user.mails | length" },
}
return { output = r.output, operation = r.operation }
