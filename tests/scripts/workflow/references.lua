-- What tokens refer to: steps at every depth, branches, loops, files; what they are inserted as, and what is left alone.
local base = "/tmp/llmspell" .. Tool.uuid_generator {}.output:gsub("-", "")
Tool.file_operations { operation = "write", path = base .. "/note.txt", input = "from a file" }
local function use(input) return { name = "use", input = { v = input }, execute = function(ctx) return { output = ctx.params.v } end } end
local function wf(token)
  return Workflow.sequential { name = "w", steps = {
    { name = "sum", tool = "calculator", input = { input = "40 + 2" } },
    { name = "seq", type = "sequential", steps = { { name = "deep", type = "parallel", branches = { { name = "eu", steps = { { name = "price", execute = function() return { eur = 5 } end } } } } } } },
    { name = "cond", type = "conditional", branches = { { name = "yes", steps = { { name = "said", execute = function() return "hello" end } } } } },
    { name = "loop", type = "loop", iterator = { range = { start = 1, ["end"] = 3 } }, body = { { name = "turn", execute = function(ctx) return ctx.current_item end } } },
    { name = "skipped", skip_condition = "always", execute = function() return 1 end },
    { name = "bad", execute = function() error({ kind = "conflict", message = "lost" }) end, on_error = function() return "continue" end },
    { name = "braces", execute = function() return "{{step:sum:output}}" end },
    { name = "odd name", execute = function() return { ["a b"] = 1, list = { { 1, 2 }, { x = "y" } }, n = 2.0, t = true } end },
    use(token),
  } }
end
local function resolve(token, input)
  local r = wf(token):execute(input or { rows = { 1, 2 }, name = "Ann", zero = 0, none = "" })
  if r.error then return r.error.kind end
  return r.output
end
local looped = Workflow.loop { name = "l", iterator = { collection = { { id = 1, name = "a" }, { id = 2, name = "b" } } }, aggregation_strategy = "collect_outputs", body = {
  use("{{loop:current_item.name}}{{loop:current_value.id}} {{loop:current_index}}{{loop:loop_index}}{{loop:iteration}} {{loop.current_item.name}}{{loop.current_index}}"),
} }
local nested = Workflow.loop { name = "l", iterator = { collection = { "x" } }, aggregation_strategy = "collect_outputs", body = {
  { name = "i", type = "loop", iterator = { collection = { "y" } }, body = {
    { name = "j", type = "loop", iterator = { collection = { "z" } }, body = { use("{{loop:parent.parent.current_item}}{{loop:parent.current_item}}{{loop:current_item}}") } },
  } },
} }
local post = Workflow.parallel { name = "p", branches = { { name = "l", steps = { { name = "n", execute = function() return { k = { 7 } } end } } } }, post_steps = {
  { name = "q", input = { a = "{{branch:l:n:output.k[0]}}", b = "{{branch:l:n:success}}" }, execute = function(ctx) return { output = ctx.params } end },
} }
local missing_branch = Workflow.parallel { name = "p", branches = { { name = "l", steps = {} } }, post_steps = { use("{{branch:r:n:output}}") } }
local unknown = wf("{{ step:summ:output | upper }}"):execute()
local keys = Workflow.sequential({ name = "k", steps = { { name = "s", input = { ["{{input:n}}"] = { "{{input:n}}", { inner = "{{input:n}}" } } }, execute = function(ctx) return { output = ctx.params } end } } }):execute({ n = 4 })
local files = { resolve("{{file:" .. base .. "/note.txt}}"), resolve("{{file:" .. base .. "/nowhere.txt}}") }
Tool.file_operations { operation = "delete", path = base, recursive = true }
return {
  access = { resolve("{{step:sum:output}}"), resolve("{{step:sum:text}}"), resolve("{{step:sum:success}}"), math.type(resolve("{{step:sum:duration_ms}}")) == "integer", type(resolve("{{step:sum:data}}")) },
  depth = { resolve("{{step:seq:deep:eu:price:output.eur}}"), resolve("{{step:cond:yes:said:output}}"), resolve("{{step:loop:turn:output}}"), resolve("{{step:loop:output}}") },
  spaces = { resolve("{{ step: sum :output | to_json }}"), resolve("{{step:odd name:output.a b}}"), resolve("{{step:odd name:output.list[1].x}}"), resolve("{{step:odd name:output.list[0][1]}}") },
  text = { resolve("n={{step:odd name:output.n}} t={{step:odd name:output.t}} l={{step:odd name:output.list}} m={{step:seq:deep:eu:price:output}} nothing={{step:skipped:output}}") },
  null = { resolve("{{step:skipped:output | default:none}}"), resolve("{{step:bad:output | default:none}}"), resolve("{{step:odd name:output.missing | default:gone}}"), resolve("{{input:none | default:empty}}") },
  error = { resolve("{{step:bad:error}}"), resolve("{{step:bad:error.kind}}"), resolve("{{step:bad:success}}") },
  again = resolve("{{step:braces:output}} stays"), file = files,
  choices = {
    resolve("{{input:zero ? 'some' : 'zero'}}"), resolve("{{input:rows ? 1 : 2}}"), resolve("{{input:none ? true : false}}"), resolve("{{input:rows | length ? 'has {{input:rows | length}}' : 'none'}}"),
    resolve("{{step:bad:success ? {{step:bad:output}} : {{step:sum:output}}}}"), resolve("{{input:name ? 'it\\'s {{input:name}}' : ''}}"),
  },
  filters = { resolve("{{input:rows | first}}"), resolve("{{input:rows | last}}"), resolve("{{input:rows | join:-}}"), resolve("{{input:name | upper | lower | length}}"), resolve("{{step:odd name:output.list | json_query:$[1].x}}"), resolve("{{input: | to_json}}", { n = 1 }) },
  malformed = { resolve("{{step:}}"), resolve("{{step:sum:outputs}}"), resolve("{{random:5:1}}"), resolve("{{input:name | shout}}"), resolve("{{state:}}"), resolve("{{loop:index}}") },
  left = { resolve("{{name}} {{ user.name }} {{#if x}}{{/if}}"), resolve("\\{{step:sum:output}}") },
  unknown = { unknown.error.kind, unknown.error.message, unknown.error.hints, unknown.error.details.token },
  looped = looped:execute().data.aggregated_results, nested = nested:execute().output, post = post:execute().output, missing_branch = missing_branch:execute().error.kind, keys = keys.output,
}
