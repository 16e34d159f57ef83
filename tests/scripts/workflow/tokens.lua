-- Every token: types are kept alone, text is made within text, unknown steps fail, plain braces stay.
local function resolve(text, input)
  local wf = Workflow.sequential {
    name = "t",
    steps = {
      { name = "data", execute = function() return { rows = { { id = 7 }, { id = 8, name = "Bob" } }, empty = "" } end },
      { name = "skipped", skip_condition = "always", execute = function() return 1 end },
      { name = "bad", execute = function() error({ kind = "execution", message = "broken" }) end, on_error = function() return "continue" end },
      { name = "inner", type = "parallel", branches = { { name = "eu", steps = { { name = "price", execute = function() return 12 end } } } } },
      { name = "use", input = { v = text, list = { text } }, execute = function(ctx) return { output = ctx.params.v, data = { same = ctx.params.list[1] == ctx.params.v } } end },
    },
  }
  wf:set_state("limit", 5)
  local done = wf:execute(input or { n = 3, user = { mail = "A@B.C" } })
  if done.error then return done.error.kind .. ": " .. done.error.message end
  return done.output
end
local dice = resolve("{{random:1:6}}")
return {
  typed = resolve("{{step:data:output}}"),
  path = resolve("{{step:data:output.rows[1].id}}"),
  within = resolve("id {{step:data:output.rows[0].id}}, {{step:data:output.empty}}."),
  json = resolve("{{step:data:output.rows[0] | to_json}}"),
  dotted = resolve("{{steps.data.output.rows[1].name}}"),
  success = resolve("{{step:data:success}}"),
  failed = resolve("{{step:bad:success ? 'ok' : 'failed: {{step:bad:error}}'}}"),
  kind = resolve("{{step:bad:error.kind}}"),
  null = resolve("[{{step:skipped:output}}{{step:bad:output}}]"),
  nested = resolve("{{step:inner:eu:price:output}}"),
  input = { resolve("{{input:n}}"), resolve("{{input:user.mail | lower}}"), resolve("{{input:}}").n },
  state = { resolve("{{state:limit}}"), resolve("{{state:none | default:10}}"), resolve("{{state:custom:x::none | default:many}}") },
  filters = {
    resolve("{{input:user.mail | upper | length}}"),
    resolve("{{step:data:output.rows | first | to_json}}"),
    resolve("{{step:data:output.rows | length}}"),
    resolve("{{input:list | join:, }}", { list = { 1, "b" } }),
    resolve("{{input:text | trim | last}}", { text = " xyz " }),
    resolve("{{input:json | from_json}}", { json = "[1,2]" }),
    resolve("{{step:data:output | json_query:.rows[1].name}}"),
  },
  choice = { resolve("{{input:n ? 1 : 2}}"), resolve("{{input:none ? 'a' : {{input:n}}}}") },
  random = math.type(dice) == "integer" and dice >= 1 and dice <= 6,
  untouched = resolve("Dear {{first_name}}, \\{{input:n}}"),
  unknown = resolve("{{step:dta:output}}"),
  malformed = resolve("{{step:data}}"):match("^parse: the token '{{step:data}}' is malformed") ~= nil,
  no_loop = resolve("{{loop:current_item}}"),
}
