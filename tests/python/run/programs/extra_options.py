# options: -X tracemalloc=3 -X mine=1 -X other
# environment: PYTHONHASHSEED=0
import sys
import tracemalloc

print(sys._xoptions, tracemalloc.get_traceback_limit())
