// An error that nobody catches ends the run with its own kind.
await Agent.create({ name: "ann", model: "nowhere/model" });
