// A composite streams what it answers, with one end.
import { composite } from "./lib/team.js";
const seen = {};
for (const routing of ["sequential", "parallel", "round_robin"]) {
  let text = "";
  let ends = 0;
  const answer = await (await composite(routing, ["poet", "loud"])).invokeStream("hi you", (chunk) => {
    text += chunk.text;
    ends += chunk.type === "end" ? 1 : 0;
  });
  seen[routing] = [answer.text, text === answer.text, ends];
}
export default seen;
