import os
import sys

import beside

print(sys.argv, sys.path[0], __file__, __name__, repr(__package__), __spec__.name, beside.NAME)
print(list(globals()))
beside.fail()
