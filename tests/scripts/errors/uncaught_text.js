// A thrown Error ends the run with the kind `script`.
throw new Error("the cake is a lie");
