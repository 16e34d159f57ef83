// A ledger that outlives its runs: accounts in state, transfers that many processes may make at once, a migration to a
// new form of the accounts, and a backup that is put back.
//
//   llmspell run examples/ledger.js --set state.backend=sqlite --set state.migration_enabled=true --set state.backup_enabled=true
const scope = State.scope.Custom("ledger");

/** @param {string} name @param {number} balance */
async function account(name, balance) {
  await State.compareAndSet(scope, name, null, { owner: `${name} Example`, balance });
}

// Somebody else may change the account between the read and the write: then it is read again.
/** @param {string} name @param {number} amount */
async function add(name, amount) {
  for (;;) {
    const old = await State.load(scope, name);
    const changed = { owner: old.owner, balance: old.balance + amount };
    if (changed.balance < 0) throw new Error(`${name} has only ${old.balance}`);
    if (await State.compareAndSet(scope, name, old, changed)) return;
  }
}

/** @param {string} from @param {string} to @param {number} amount */
async function transfer(from, to, amount) {
  await add(from, -amount);
  await add(to, amount);
}

// No account goes below zero, whoever writes.
await Hook.register({
  point: "BeforeStateWrite",
  handler: (/** @type {any} */ ctx) => {
    if (ctx.data.scope === scope && ctx.data.value?.balance < 0) {
      return { type: "cancel", reason: "an account may not be below zero" };
    }
  },
});

await account("ada", 100);
await account("bob", 20);
await transfer("ada", "bob", 30);
console.log(`ada\t${(await State.load(scope, "ada")).balance}\tbob\t${(await State.load(scope, "bob")).balance}`);
const saved = await State.save(scope, "ada", { balance: -1 }).then(() => true, () => false);
console.log(`below zero:\t${saved}`);

if (State.createBackup) {
  /** @type {any} */
  const backup = await State.createBackup({ description: "before the audit" });
  await State.delete(scope, "bob");
  const restored = await State.restoreBackup(backup.backup_id, { backup_first: false });
  console.log(`restored\t${restored.entries_restored}\tbob\t${(await State.load(scope, "bob")).balance}`);
}

if (State.migrate) {
  await State.registerSchema({ version: "1.1.0", fields: { first: { type: "string", required: true } } });
  await State.registerMigration({
    from: "1.0.0", to: "1.1.0", scopes: scope,
    transformations: [{ transform: "split", field: "owner", to: ["first", "last"], separator: " " }],
  });
  const result = await State.migrate("1.1.0");
  const ada = await State.load(scope, "ada");
  console.log(`${result.status}\t${result.items_migrated}\t${ada.first}\t${ada.last}`);
}

export {};
