// An incident runbook: look, diagnose, ask a person, act, and take back what was done if it did not help.
//
//   llmspell run examples/runbook.js        type y and Enter to permit the restart, anything else to refuse
//
// It shows steps of every kind in one plan, a step that is skipped on a condition, an approval by a person, and
// compensation: what succeeded before a failure is undone in reverse order.

// The service is played by an object, so that the runbook can be tried anywhere.
const service = { memory: 93, traffic: "on", restarts: 0 };

await Agent.create({ name: "oncall", system_prompt: "You are on call. Say in one sentence what is wrong and what to do." });

const runbook = Workflow.sequential({
  name: "memory alarm",
  description: "What to do when the service runs out of memory.",
  steps: [
    { name: "look", execute: () => ({ memory: service.memory }) },
    { name: "diagnose", agent: "oncall", prompt: "The service uses {{step:look:output.memory}} percent of its memory." },
    {
      name: "drain",
      skip_condition: "steps.look.output.memory < 90",
      execute: () => { service.traffic = "off"; return "no more traffic"; },
      compensate: () => { service.traffic = "on"; console.log("traffic is back on"); },
    },
    {
      name: "approve",
      input: "{{step:diagnose:text}}",
      timeout_ms: 600000,
      execute: async (/** @type {any} */ ctx) => {
        console.error(`${ctx.params}\nrestart the service? [y/N]`);
        if (await console.readLine() !== "y") {
          throw Object.assign(new Error("nobody permitted the restart"), { kind: "denied" });
        }
        return "permitted";
      },
    },
    { name: "restart", execute: () => { service.restarts += 1; service.memory = 20; return "restarted"; } },
    { name: "resume", execute: () => { service.traffic = "on"; return "traffic is back on"; } },
  ],
});

const result = await runbook.execute();
if (result.success) {
  console.log(`memory ${service.memory} %, restarts ${service.restarts}`);
} else {
  console.log(`stopped at ${result.error.location}: ${result.error.message}`);
}
export default { restarts: service.restarts, traffic: service.traffic };
