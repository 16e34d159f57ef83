// One delegate per call, in turn.
import { ask, composite } from "./lib/team.js";
const turns = await composite("round_robin", ["poet", "loud"]);
const answered = [];
for (let call = 0; call < 3; call++) answered.push(await ask(turns, "hi"));
export default answered;
