// A service may be asked only so often: by all tools together, or by this one.
const last = async (provider) => {
  let r;
  for (let count = 0; count < 2; count += 1) r = await Tool.web_search({ input: "tea", provider });
  return [r.success, r.error_kind, r.error.includes("rate limit"), r.metadata.details.retry_after_ms > 0];
};
export default { shared: await last("exa"), own: await last("duckduckgo") };
