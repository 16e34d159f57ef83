// Inserted values are escaped if that is wanted.
const context = { x: '<a & "b">' };
const rendered = async (autoescape) =>
  (await Tool.template_engine({ input: "<b>{{ x }}</b>", context, autoescape })).output;
export default { usual: await rendered(undefined), html: await rendered("html"), json: await rendered("json") };
