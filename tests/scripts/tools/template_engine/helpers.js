// Helpers of Handlebars.
const context = { name: "Ann", list: ["a", "b"], n: 3, empty: "" };
const rendered = async (input) => (await Tool.template_engine({ input, context, engine: "handlebars" })).output;
export default {
  uppercase: await rendered("{{uppercase name}}"),
  lowercase: await rendered("{{lowercase name}}"),
  upper: await rendered("{{upper name}}"),
  join: await rendered("{{join list '-'}}"),
  length: await rendered("{{length list}}"),
  default: await rendered("{{default gone 'none'}}"),
  compare: await rendered("{{#if (gt n 2)}}more{{else}}less{{/if}}"),
  logic: await rendered("{{#if (and (eq n 3) (not empty))}}both{{/if}}"),
};
