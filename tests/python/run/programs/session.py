import os

pid = os.fork()
if not pid:
    before = os.getsid(0)
    os.setsid()
    print(os.getsid(0) == os.getpid(), before != os.getsid(0), os.getpgrp() == os.getpid())
    raise SystemExit(0)
os.wait()
