// A tool whose function fails answers with success = false; the text of the error is that of the script.
async function failure(name, body) {
  const tool = await Tool.define({ name, description: name, execute: body });
  const r = await tool({});
  return { success: r.success, error: r.error, error_kind: r.error_kind, output: r.output === null };
}
export default {
  text: await failure("text", () => { throw new Error("out of paper"); }),
  object: await failure("object", () => { throw { message: "out of ink" }; }),
  of_an_op: await failure("of_an_op", async () => JSON.parse("?")),
};
