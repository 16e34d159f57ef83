-- Nothing to do gives an empty list.
return { results = Async.all {}, settled = Async.all({}, { settle = true }) }
