// A session that several runs work for: each run writes the next chapter, the last one completes the session.
// Run it three times, then look at what all of them did with `llmspell session show book`.
const chapters = ["boxes", "ships", "harbours"];

const [waiting] = await Session.list({ tags: ["chapters"] });
let id;
if (waiting) {
  id = await Session.load(waiting.id);
  await Session.resume(id);
} else {
  id = await Session.create({ name: "book", tags: ["chapters"], metadata: { done: 0 } });
}

// Calls are made for this session from here on: they are counted, exported and shown with it.
await Session.setCurrent(id);
const number = (await Session.get(id)).metadata.done + 1;
const author = await Agent.create({ name: "author", system_prompt: "You write one sentence." });
const sentence = await author.execute(`Write about ${chapters[number - 1]}`);
console.log(`${number}. ${sentence}`);

await Session.updateMetadata(id, { done: number });
if (number === chapters.length) {
  await Session.complete(id);
} else {
  await Session.suspend(id);
}

const stats = await Session.stats(id);
console.log(`${stats.status} after ${stats.operation_count} calls`);

export {};
