// One minimal request says whether a provider can be used.
import { raised } from "./lib/raised.js";
const mock = await Provider.validate("mock");
const dead = await Provider.validate("dead");
export default {
  mock: [mock.ok, mock.latency_ms >= 0, mock.error == null],
  dead: [dead.ok, dead.latency_ms >= 0, typeof dead.error],
  unknown: await raised(() => Provider.validate("moc")),
};
