MINE = "a queue of the program's own"
