import sys

print(sys.argv, __file__)
raise RuntimeError("in a file with a space")
