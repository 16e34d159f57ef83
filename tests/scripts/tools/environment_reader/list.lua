-- All variables that may be seen; they are listed unless a name is given.
local r = Tool.environment_reader {}
local named = Tool.environment_reader { operation = "list" }
return { same = named.count == r.count, operation = r.operation, path = type(r.variables.PATH), some = r.count > 0, truncated = r.truncated,
  secret = r.variables.API_KEY }
