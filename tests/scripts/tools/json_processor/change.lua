-- Sets, deletes and appends at a path, written in any of three ways.
local function changed(params)
  params.input = { a = { b = { 1, 2 } } }
  return Tool.json_processor(params).output
end
return {
  set = changed { operation = "set", path = ".a.c", value = "new" },
  update = changed { operation = "update", path = "$.a.b[0]", value = 10 },
  parsed = changed { operation = "set", path = "/a/c", value = '{"x": 1}' },
  as_text = changed { operation = "set", path = "/a/c", value = '{"x": 1}', parse_value = false },
  delete = changed { operation = "delete", path = ".a.b" },
  remove = changed { operation = "remove", path = "/a/b/0" },
  append = changed { operation = "append", path = ".a.b", value = 3 },
  push = changed { operation = "push", query = ".a.b", value = 3 },
}
