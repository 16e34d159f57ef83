-- Compares a page with what it said before.
local page = Args[1] .. "/web/page"
local first = Tool.webpage_monitor { input = page }
local same = Tool.webpage_monitor { input = page, previous_hash = first.hash, operation = "check_changes" }
local changed = Tool.webpage_monitor { input = page, previous_content = "Teas\nWe sold tea.\nGreen\nBlack\nWhite" }
local part = Tool.webpage_monitor { input = page, selector = "li", previous_content = "Green\nBlack" }
return {
  first = { first.output, first.first_check, first.message, first.current_content },
  same = { same.output, same.first_check },
  changed = { changed.output, changed.change_count, changed.changes[1].type, changed.changes[1].content, changed.changes[2].type },
  part = { part.output, part.selector_used },
  none = Tool.webpage_monitor({ input = page, selector = ".none" }).error_kind,
}
