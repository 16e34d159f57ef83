// A JSON Patch (RFC 6902) from two documents, and back; merge patches (RFC 7396) as well.
const input = { a: 1, b: [1, 2] }, after = { a: 2, b: [1, 2, 3] };
const patch = (await Tool.json_processor({ operation: "diff", input, with: after })).output;
const merge = (await Tool.json_processor({ operation: "diff", input, with: after, merge_patch: true })).output;
export default {
  patch,
  patched: (await Tool.json_processor({ operation: "patch", input, patch })).output,
  merge,
  merged: (await Tool.json_processor({ operation: "patch", input, patch: merge, merge_patch: true })).output,
};
