// Each of the two waits for the other, so they end only because they run at the same time.
const arrived = {}, log = [];
async function meet(own, other) {
  arrived[own] = true;
  while (!arrived[other]) await Utils.sleep(0.001);
  log.push("met");
  return `${own} met ${other}`;
}
const results = await Promise.all([meet("ann", "bob"), meet("bob", "ann")]);
export default { results, log };
