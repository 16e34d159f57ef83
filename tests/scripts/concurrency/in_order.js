// Promise.all runs calls at the same time and returns their results in the order in which they stand.
async function later(seconds, value) {
  await Utils.sleep(seconds);
  return value;
}
export default await Promise.all([later(0.02, "slow"), later(0.001, "quick"), "at once"]);
