// Compares a page with what it said before.
const page = Args[0] + "/web/page";
const first = await Tool.webpage_monitor({ input: page });
const same = await Tool.webpage_monitor({ input: page, previous_hash: first.hash, operation: "check_changes" });
const changed = await Tool.webpage_monitor({ input: page, previous_content: "Teas\nWe sold tea.\nGreen\nBlack\nWhite" });
const part = await Tool.webpage_monitor({ input: page, selector: "li", previous_content: "Green\nBlack" });
export default {
  first: [first.output, first.first_check, first.message, first.current_content],
  same: [same.output, same.first_check],
  changed: [
    changed.output, changed.change_count, changed.changes[0].type, changed.changes[0].content, changed.changes[1].type,
  ],
  part: [part.output, part.selector_used],
  none: (await Tool.webpage_monitor({ input: page, selector: ".none" })).error_kind,
};
