// What a module defines, the spell has.
import "./lib/tools.js";
export default (await Tool.shout({ text: "hurry" })).output;
