// fetch, over the op that makes requests under the policy of the run.
export default function (host) {
  const { define, raise } = host;

  define(globalThis, "fetch", async function fetch() {
    raise("unavailable", "fetch is not part of this version", "use a tool that makes requests");
  });
}
