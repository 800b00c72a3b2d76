import sys

sys.displayhook = lambda value: print("displayed", value)
exec(compile("1 + 1", "<text>", "single"))
print(sys.last_value if hasattr(sys, "last_value") else "nothing yet")
