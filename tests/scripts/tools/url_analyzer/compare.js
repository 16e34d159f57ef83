// Says whether two URLs are the same, and what differs.
const same = await Tool.url_analyzer({ operation: "compare", input: "http://A.example:80", with: "http://a.example/" });
const other = await Tool.url_analyzer({ operation: "compare", input: "http://a.example/x", with: "https://a.example/x" });
export default {
  same: [same.output, same.same_origin, same.differences.length],
  other: [other.output, other.same_origin, other.differences],
};
