// What counts as equal, how much is shown, and how finely it is compared.
const same = async (params) => (await Tool.diff_calculator(params)).identical;
const shown = async (params) => (await Tool.diff_calculator(params)).output;
export default {
  white_space: await same({ left: "a  b", right: "a b", ignore_whitespace: true }),
  letter_case: await same({ left: "Ab", right: "aB", ignore_case: true }),
  blank_lines: await same({ left: "a\n\nb\n", right: "a\nb\n", ignore_blank_lines: true }),
  strict: await same({ left: "a  b", right: "a b" }),
  words: await shown({ left: "the old house", right: "the new house", granularity: "word" }),
  context: await shown({ left: "1\n2\n3\n4\n", right: "1\n2\n3\nfour\n", context_lines: 1 }),
  labels: await shown({ left: "a\n", right: "b\n", old_label: "before", new_label: "after" }),
};
