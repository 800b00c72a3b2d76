# options: -B
import os

import neighbour

print(neighbour.VALUE, os.path.exists("__pycache__"))
