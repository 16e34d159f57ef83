// unavailable: a feature is switched off; the error names the setting.
const answer = await Tool.calculator({ input: "1 + 1" });
const raised = await Tool.invoke("calculator", { input: "1 + 1" }, { raise: true }).catch((raised) => raised);
export default {
  success: answer.success,
  error: answer.error,
  error_kind: answer.error_kind,
  ok: !(raised instanceof SpellError),
  kind: raised.kind,
  hints: raised.hints,
};
