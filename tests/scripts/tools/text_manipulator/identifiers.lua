-- Names in the spellings of programs and addresses.
local function name(operation, input) return Tool.text_manipulator({ operation = operation, input = input }).output end
return {
  snake_case = name("snake_case", "HelloWorldFromLLMSpell"),
  kebab_case = name("kebab_case", "Hello world_again"),
  camel_case = name("camel_case", "hello_world_from_llmspell"),
  pascal_case = name("pascal_case", "hello-world"),
  constant_case = name("constant_case", "maxOutputBytes"),
  slug = name("slug", "Crème brûlée, à la carte!"),
}
