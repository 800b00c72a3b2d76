import os
import sys

print("printed once", flush=True)
pid = os.fork()
if not pid:
    print("child", __name__)
    sys.exit(3)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
