-- Each subscription gets its own copy, in the order of publishing, of what is published after it was made and until it ends.
Event.publish("o.early", 0)
local all, odd = Event.subscribe("o.**"), Event.subscribe("o.odd")
for n = 1, 6 do Event.publish(n % 2 == 1 and "o.odd" or "o.even", { n = n }) end
local first = Event.receive(all)
first.data.n = "changed"
local rest, numbers, gaps = Event.receive_batch(all), {}, 0
for i, e in ipairs(rest) do
  numbers[i] = e.data.n
  gaps = gaps + e.sequence - (i == 1 and first.sequence or rest[i - 1].sequence) - 1
end
local copy = Event.receive(odd).data.n
local gone = Event.unsubscribe(odd)
local _, e = pcall(Event.receive, odd, 0)
Event.publish("o.odd", 7)
return {
  numbers = numbers, gaps = gaps, copy = copy, gone = gone, after = { e.kind, e.message == "No active subscription found: " .. odd },
  stats = Event.subscription_stats(all),
}
