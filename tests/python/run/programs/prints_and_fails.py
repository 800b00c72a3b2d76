import sys

print("to standard output")
print("to standard error", file=sys.stderr)
sys.stdout.write("no newline at the end")
raise OSError(2, "No such thing", "name")
