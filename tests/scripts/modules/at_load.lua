-- A module may call ops while it is loaded.
return require("slow").answer
