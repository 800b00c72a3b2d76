import os
import sys

from . import inner

print([os.path.basename(sys.argv[0]), *sys.argv[1:]], sys.path[0])
print(__name__, __package__, __spec__.name, os.path.relpath(__file__), list(globals()))
inner.leave(8)
