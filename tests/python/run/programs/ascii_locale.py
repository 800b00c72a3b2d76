# environment: LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0
import sys

print(sys.stdout.encoding, sys.stdout.errors, ascii(sys.argv))
print("\xe9\u20ac")
