# options: -I
# environment: PYTHONPATH=modules PYTHONOPTIMIZE=1
import sys

print(sys.path[0].endswith("run"), sys.flags.isolated, sys.flags.safe_path, __debug__)
import helper
