import sys
import threading

if sys.version_info >= (3, 13):
    import _interpreters as interpreters
else:
    import _xxsubinterpreters as interpreters

run = getattr(interpreters, "exec", None) or interpreters.run_string
inner = interpreters.create()
run(inner, "import threading, queue, sys; print(threading.Event().wait(0), queue.Queue().qsize(), flush=True)")
interpreters.destroy(inner)
print("outside")
