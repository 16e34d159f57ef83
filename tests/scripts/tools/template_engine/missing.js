// What a value gives that is not there.
async function rendered(missing) {
  const r = await Tool.template_engine({ input: "a{{ gone }}b{{ there }}", context: { there: 1 }, missing });
  return { output: r.output, missing: r.data?.missing, kind: r.error_kind };
}
export default { usual: await rendered(undefined), keep: await rendered("keep"), error: await rendered("error") };
