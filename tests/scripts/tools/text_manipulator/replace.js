// Replaces all occurrences unless `count` says how many; options may stand in `options`.
async function replace(options) {
  return (await Tool.text_manipulator({ operation: "replace", input: "a-b-c", ...options })).output;
}
export default {
  all: await replace({ from: "-", to: "+" }),
  one: await replace({ from: "-", to: "+", count: 1 }),
  expression: await replace({ from: "[ab]", to: "x", regex: true }),
  pattern: await replace({ pattern: "-", replacement: "/" }),
  options: await replace({ options: { from: "c", to: "d" } }),
};
