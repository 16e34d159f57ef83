// Checks parameters without running the tool.
let ran = false;
await Tool.define({ name: "press", description: "Presses a button", execute: () => { ran = true; } });
const press = await Tool.validate("press", {});
const good = await Tool.validate("uuid_generator", { count: "3", format: "simple" });
const bad = await Tool.validate("uuid_generator", { cuont: 3 });
const raised = await Tool.validate("no_such_tool", {}).catch((raised) => raised);
const [error] = bad.errors;
export default {
  good: { valid: good.valid, errors: good.errors, parameters: good.parameters },
  bad: { valid: bad.valid, kind: error.kind, message: error.message, hints: error.hints },
  unknown: raised.kind,
  press: press.valid && !ran,
};
