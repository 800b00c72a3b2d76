import os
import sys

import neighbour

print(sys.dont_write_bytecode, os.listdir("__pycache__"))
