-- The run ends at its limit also while it waits.
Async.all { function() Utils.sleep(3600) end, function() Tool.uuid_generator {} Utils.sleep(3600) end }
