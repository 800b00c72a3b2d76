import sys

print("before")
sys.exit(70000)
