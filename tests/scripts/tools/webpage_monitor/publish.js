// A change is published on the event bus, under the usual type or the one that the call names; no change is not.
const page = Args[0] + "/web/page";
const [own, usual] = [await Event.subscribe("tea.*"), await Event.subscribe("webpage.changed")];
const old = "Teas\nWe sold tea.\nGreen\nBlack";
await Tool.webpage_monitor({ input: page, previous_content: old.replace("sold", "sell"), publish: "tea.none" });
await Tool.webpage_monitor({ input: page, previous_content: old });
const r = await Tool.webpage_monitor({ input: page, previous_content: old, publish: "tea.changed" });
await Tool.webpage_monitor({ input: page, previous_content: old, alert_on_change: true });
const [events, alerts] = [await Event.receiveBatch(own), await Event.receiveBatch(usual)];
const event = events[0];
export default {
  counts: [events.length, alerts.length],
  event: [event.type, event.source.component],
  facts: [event.data.url === page, event.data.change_count, event.data.changes[0].new_content, event.data.hash === r.hash],
  alert: alerts[0].data.changes[0].old_content,
};
