-- All providers, sorted by name; `Providers` is another name of `Provider`.
local names, is_sorted = {}, true
for index, provider in ipairs(Provider.list()) do
  names[index] = provider.name
  is_sorted = is_sorted and (index == 1 or names[index - 1] < provider.name)
end
return { names = names, is_sorted = is_sorted, synonym = #Providers.list() == #names }
