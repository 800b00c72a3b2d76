import sys

print(ascii(sys.argv), ascii(__file__))
raise RuntimeError("d\u00e9j\u00e0 vu")
