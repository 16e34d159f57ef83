// A module that is not there is an error of kind not_found that says where it was looked for.
const raised = await import("./no_such_module.js").catch((raised) => raised);
export default {
  ok: !(raised instanceof Error),
  kind: raised.kind,
  named: raised.message.includes("no_such_module"),
};
