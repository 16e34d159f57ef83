// The input's `task` names the delegate; without one the most able answers.
import { ask, composite } from "./lib/team.js";
const tasks = await composite("task_based", ["poet", "cook"]);
export default {
  named: await ask(tasks, { text: "hi", task: "cook" }),
  unnamed: await ask(tasks, "soup"),
};
