import atexit
import os

atexit.register(print, "never")
print("before", flush=True)
os._exit(7)
