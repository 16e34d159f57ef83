// Cuts, indents, wraps and pads.
const lay = async (params) => (await Tool.text_manipulator(params)).output;
export default {
  truncate: await lay({ operation: "truncate", input: "a rather long sentence", max_length: 10 }),
  ellipsis: await lay({ operation: "truncate", input: "a rather long sentence", max_length: 10, ellipsis: "…" }),
  words: await lay({ operation: "truncate", input: "a rather long sentence", max_length: 2, by: "words" }),
  short: await lay({ operation: "truncate", input: "short" }),
  indent: await lay({ operation: "indent", input: "a\n\nb", spaces: 2 }),
  dedent: await lay({ operation: "dedent", input: "    a\n      b" }),
  wrap: await lay({ operation: "word_wrap", input: "the quick brown fox jumps", width: 10 }),
  pad: await lay({ operation: "pad", input: "7", width: 3, side: "left", char: "0" }),
};
