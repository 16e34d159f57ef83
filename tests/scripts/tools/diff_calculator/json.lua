-- The difference of two JSON values, also as a patch.
local r = Tool.diff_calculator {
  old_json = { age = 41, name = "Ann", old = true, tags = { "a", "b" } },
  new_json = { age = 42, name = "Ann", new = { deep = 1 }, tags = { "a", "c" } },
}
return { diff = r.data.diff, summary = r.summary, identical = r.identical, patch = r.patch, type = r.data.type }
