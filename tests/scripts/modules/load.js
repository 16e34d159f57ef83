// `import` finds files beside the script.
import greeting from "./lib/greeting.js";
import { language } from "./lib/greeting.js";
export default { text: greeting.hello("world"), language };
