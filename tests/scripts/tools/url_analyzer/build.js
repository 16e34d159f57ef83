// Puts a URL together from parts, or replaces parts of one.
const fresh = await Tool.url_analyzer({
  operation: "build", parts: { host: "a.example", port: 8080, path: "x y", query: { q: "a b" }, fragment: "top" },
});
const over = await Tool.url_analyzer({ operation: "build", input: "https://a.example/x?y=1", parts: { path: "/z" } });
const wrong = await Tool.url_analyzer({ operation: "build", parts: { host: "a.example", pfad: "x" } });
const odd = await Tool.url_analyzer({ operation: "build", parts: { host: "a.example", scheme: "http://evil.example/?" } });
const text = await Tool.url_analyzer({ operation: "build", parts: { host: "a.example", port: "80", fragment: "#x" } });
export default {
  odd: [odd.success, odd.error_kind], text: text.output, new: fresh.output, url: fresh.url, over: over.output,
  wrong: [wrong.success, wrong.error_kind, wrong.error],
};
