import sys

import threading

del sys.modules["threading"]
import threading as again

print(again is threading, again.Event().is_set(), threading.Event().is_set())
