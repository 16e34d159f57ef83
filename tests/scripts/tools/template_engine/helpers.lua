-- Helpers of Handlebars.
local context = { name = "Ann", list = { "a", "b" }, n = 3, empty = "" }
local function rendered(input)
  return Tool.template_engine({ input = input, context = context, engine = "handlebars" }).output
end
return {
  uppercase = rendered("{{uppercase name}}"),
  lowercase = rendered("{{lowercase name}}"),
  upper = rendered("{{upper name}}"),
  join = rendered("{{join list '-'}}"),
  length = rendered("{{length list}}"),
  default = rendered("{{default gone 'none'}}"),
  compare = rendered("{{#if (gt n 2)}}more{{else}}less{{/if}}"),
  logic = rendered("{{#if (and (eq n 3) (not empty))}}both{{/if}}"),
}
