# environment: PYTHONDONTWRITEBYTECODE=1
import os
import sys

import neighbour

print(sys.dont_write_bytecode, os.path.exists("__pycache__"))
