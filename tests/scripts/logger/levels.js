// One function per level. Records go to standard error, from the level `warn` on unless the run is verbose.
const returned = {};
for (const level of ["trace", "debug", "info", "warn", "error"]) {
  returned[level] = ((await Logger[level](`a record of the level ${level}`)) ?? null) === null;
}
export default returned;
