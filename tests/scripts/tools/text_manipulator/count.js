// Counts characters, graphemes, bytes, words, lines and sentences.
const r = await Tool.text_manipulator({ operation: "count", input: "Naïve 🇨🇭? Yes.\nIndeed!" });
const words = await Tool.text_manipulator({ operation: "word_count", input: "one two  three" });
export default { counts: r.data.counts, words: words.output };
