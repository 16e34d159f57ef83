-- All variables that may be seen.
local r = Tool.environment_reader {}
return { operation = r.operation, path = type(r.variables.PATH), some = r.count > 0, truncated = r.truncated,
  secret = r.variables.API_KEY }
