// Nothing to do gives an empty list.
export default { results: await Promise.all([]), settled: await Promise.allSettled([]) };
