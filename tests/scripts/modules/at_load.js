// A module may call ops while it is loaded: top-level await.
import { answer } from "./lib/slow.js";
export default answer;
