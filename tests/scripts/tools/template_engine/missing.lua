-- What a value gives that is not there.
local function rendered(missing)
  local r = Tool.template_engine { input = "a{{ gone }}b{{ there }}", context = { there = 1 }, missing = missing }
  return { output = r.output, missing = r.data and r.data.missing, kind = r.error_kind }
end
return { usual = rendered(nil), keep = rendered("keep"), error = rendered("error") }
