// script: a function of the script failed while an op called it. A tool answers so, and with `raise` it raises.
await Tool.define({ name: "unlucky", description: "Fails", execute: () => { throw new Error("no luck today"); } });
const soft = await Tool.unlucky({});
const raised = await Tool.invoke("unlucky", {}, { raise: true }).catch((raised) => raised);
export default {
  success: soft.success,
  error: soft.error,
  error_kind: soft.error_kind,
  raised: [raised.kind, raised.message],
};
