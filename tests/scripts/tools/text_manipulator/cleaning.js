// Removes what does not belong into a text.
const clean = async (params) => (await Tool.text_manipulator(params)).output;
export default {
  printable: await clean({ operation: "sanitize", input: "a\u{7}b\tc\nd\u{200b}" }),
  ascii: await clean({ operation: "sanitize", input: "naïve 🎉", allow: "ascii" }),
  alnum: await clean({ operation: "sanitize", input: "a-b_c 1!", allow: "alnum" }),
  colours: await clean({ operation: "sanitize", input: "\u{1b}[31mred\u{1b}[0m", strip_ansi: true }),
  html: await clean({ operation: "sanitize", input: "<p>fish &amp; <b>chips</b></p>", strip_html: true }),
  white_space: await clean({ operation: "normalize_whitespace", input: "  a \t b\n\n c  " }),
  trim: await clean({ operation: "trim", input: "\n a \t" }),
};
