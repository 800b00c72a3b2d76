# beside: zero_division.py
import runpy
import sys

print(sorted(runpy.run_path("neighbour.py"))[-2:])
try:
    runpy.run_module("package", run_name="__main__")
except SystemExit as error:
    print("left with", error.code)
print(__name__, sys.argv)
runpy.run_path("zero_division.py", run_name="__main__")
