// Merges documents: member by member, at the top only, or lists one after the other.
const merged = async (strategy) => (await Tool.json_processor({
  operation: "merge", input: { a: { x: 1 }, l: [1] }, with: { a: { y: 2 }, l: [2] }, strategy,
})).output;
export default {
  usual: await merged(undefined),
  shallow: await merged("shallow"),
  concat: await merged("concat"),
  list: (await Tool.json_processor({ operation: "merge", input: [{ a: 1 }, { b: 2 }, { a: 3 }] })).output,
};
