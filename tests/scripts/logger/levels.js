// One function per level. Records go to standard error, from `info` on unless the configuration says otherwise.
const returned = {};
for (const level of ["trace", "debug", "info", "warn", "error"]) {
  returned[level] = ((await Logger[level](`a record of the level ${level}`)) ?? null) === null;
}
export default returned;
