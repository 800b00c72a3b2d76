import os
import sys

pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "raise SystemExit(6)"], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.system("exit 3") >> 8, os.popen("echo popen").read())
