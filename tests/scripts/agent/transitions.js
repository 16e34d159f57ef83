// Every transition from every state: the state it leads to, or that it is refused.
const ways = {
  Uninitialized: [], Ready: ["initialize"], Running: ["initialize", "start"], Paused: ["initialize", "pause"],
  Error: ["set_error"], Terminated: ["terminate"],
};
const verbs = ["initialize", "start", "pause", "resume", "stop", "set_error", "recover", "terminate", "execute"];
async function perform(agent, verb) {
  if (verb === "set_error" || verb === "execute") return agent[verb]("broken");
  return agent[verb]();
}
const all = {};
for (const [state, way] of Object.entries(ways)) {
  all[state] = {};
  for (const verb of verbs) {
    const agent = await Agent.create({ model: "mock/echo" });
    for (const step of way) await perform(agent, step);
    all[state][verb] = await perform(agent, verb).then(() => agent.getState(), (err) => err.kind);
  }
}
export default all;
