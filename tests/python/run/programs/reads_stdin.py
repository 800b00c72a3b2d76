# stdin: one\ntwo\nthree\n
import sys

print(sys.stdin.readline(), [line for line in sys.stdin], sys.stdin.isatty())
