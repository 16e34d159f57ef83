-- Merges the changes of two sides; where both changed the same, the text has marks.
local base = "1\n2\n3\n4\n5\n"
local clean = Tool.diff_calculator {
  operation = "merge3", base_text = base, old_text = "one\n2\n3\n4\n5\n", new_text = "1\n2\n3\n4\nfive\n",
}
local clash = Tool.diff_calculator {
  operation = "merge3", base_text = base, old_text = "1\n2\nthree\n4\n5\n", new_text = "1\n2\ndrei\n4\n5\n",
}
return {
  clean = { clean.output, clean.has_conflicts, #clean.conflicts },
  clash = { clash.output, clash.has_conflicts, #clash.conflicts },
}
