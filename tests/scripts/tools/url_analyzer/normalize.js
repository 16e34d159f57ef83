// Gives a URL its one spelling.
const tracked = "https://a.example/p?utm_source=x&id=7&gclid=1";
const normal = async (params) => (await Tool.url_analyzer({ operation: "normalize", ...params })).output;
export default {
  plain: await normal({ input: "HTTP://A.Example:80/%7Efoo/../b" }),
  kept: await normal({ input: tracked }),
  stripped: await normal({ input: tracked, strip_tracking: true }),
};
