-- The difference of two texts, with numbers about it.
local r = Tool.diff_calculator { old_text = "one\ntwo\nthree\n", new_text = "one\n2\nthree\nfour\n" }
return { output = r.output, stats = r.stats, identical = r.identical, type = r.data.type, format = r.format }
