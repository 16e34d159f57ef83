// The delegate whose name, description and tools share most words with the prompt answers; ties go to the first.
import { ask, composite } from "./lib/team.js";
const able = await composite("capability_based", ["poet", "cook"]);
export default {
  soup: await ask(able, "some soup please"),
  poems: await ask(able, "three poems"),
  tie: await ask(able, "whatever"),
};
