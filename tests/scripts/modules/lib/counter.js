// Counts how often it is loaded.
globalThis.loads = (globalThis.loads ?? 0) + 1;
export const loads = () => globalThis.loads;
