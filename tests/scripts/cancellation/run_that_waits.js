// The run ends at its limit also while it waits.
await Promise.all([Utils.sleep(3600), Tool.uuid_generator({}).then(() => Utils.sleep(3600))]);
