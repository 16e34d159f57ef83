-- A raised table with the name of a kind ends the run with that kind.
error { kind = "conflict", message = "someone was faster" }
