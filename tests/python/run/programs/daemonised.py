import os
import sys

reader, writer = os.pipe()
if os.fork():
    os.close(writer)
    os.wait()
    print(os.read(reader, 100), os.read(reader, 100))
    sys.exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.close(reader)
null = os.open(os.devnull, os.O_RDWR)
for fd in range(3):
    os.dup2(null, fd)
os.chdir("/")
told = f"session of its own: {os.getsid(0) != os.getpid()}, orphan: {os.getpgid(0) != os.getpid()}"
os.write(writer, told.encode())
