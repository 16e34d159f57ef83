// A thrown object with the name of a kind ends the run with that kind.
throw { kind: "conflict", message: "someone was faster" };
