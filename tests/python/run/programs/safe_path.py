# environment: PYTHONSAFEPATH=1
import sys

print(sys.flags.safe_path)
import neighbour
