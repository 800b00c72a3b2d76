import importlib
import inspect
import queue
import signal
import subprocess
import threading

for module in (threading, queue, subprocess, signal):
    print(module.__name__, module.__package__, module.__spec__.name, inspect.getsourcefile(module))
    print(len(inspect.getsource(module)) > 1000, importlib.import_module(module.__name__) is module)
print(threading.Thread(target=print).run, inspect.signature(queue.Queue().put))
print(threading, queue)
