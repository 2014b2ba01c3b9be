HANDBOOK = "Whoever finds a wreck reports it. " * 200
