import sys

print("helper", __name__, sys.argv)
