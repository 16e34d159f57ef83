// Merges the changes of two sides; where both changed the same, the text has marks.
const base_text = "1\n2\n3\n4\n5\n";
const clean = await Tool.diff_calculator({
  operation: "merge3", base_text, old_text: "one\n2\n3\n4\n5\n", new_text: "1\n2\n3\n4\nfive\n",
});
const clash = await Tool.diff_calculator({
  operation: "merge3", base_text, old_text: "1\n2\nthree\n4\n5\n", new_text: "1\n2\ndrei\n4\n5\n",
});
export default {
  clean: [clean.output, clean.has_conflicts, clean.conflicts.length],
  clash: [clash.output, clash.has_conflicts, clash.conflicts.length],
};
