-- A raised text ends the run with the kind `script`.
error("the cake is a lie", 0)
