import importlib.resources
import importlib.util
import sys

import package

print(importlib.resources.files(package).joinpath("data.txt").read_text())
print(importlib.util.find_spec("package.inner").origin)
print(importlib.resources.files("__main__") if sys.version_info >= (3, 12) else "-")
