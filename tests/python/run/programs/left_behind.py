import os
import threading

# Whoever reads our output sees its end only when the child has ended too.
reader, writer = os.pipe()
if os.fork():
    print("the parent ends", flush=True)
    raise SystemExit(5)
os.close(writer)
os.read(reader, 1)
threading.Thread(target=print, args=("the child outlives it",)).start()
