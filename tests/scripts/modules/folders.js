// Paths lead into folders.
import { area } from "./lib/shapes/square.js";
export default area(3);
