// Seconds since 1970, with the resolution of a millisecond.
const first = Utils.timestamp();
const second = Utils.timestamp();
const ms = first * 1000;
export default {
  type: typeof first,
  plausible: first > 1600000000 && first < 32503680000,
  forward: second >= first,
  resolution: Math.abs(ms - Math.round(ms)) < 0.001,
};
