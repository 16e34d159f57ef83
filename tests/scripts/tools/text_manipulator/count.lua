-- Counts characters, graphemes, bytes, words, lines and sentences.
local r = Tool.text_manipulator { operation = "count", input = "Naïve 🇨🇭? Yes.\nIndeed!" }
local words = Tool.text_manipulator { operation = "word_count", input = "one two  three" }
return { counts = r.data.counts, words = words.output }
