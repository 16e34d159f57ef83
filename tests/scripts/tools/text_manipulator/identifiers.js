// Names in the spellings of programs and addresses.
const name = async (operation, input) => (await Tool.text_manipulator({ operation, input })).output;
export default {
  snake_case: await name("snake_case", "HelloWorldFromLLMSpell"),
  kebab_case: await name("kebab_case", "Hello world_again"),
  camel_case: await name("camel_case", "hello_world_from_llmspell"),
  pascal_case: await name("pascal_case", "hello-world"),
  constant_case: await name("constant_case", "maxOutputBytes"),
  slug: await name("slug", "Crème brûlée, à la carte!"),
};
