import os
import signal

print(signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT))
reader, writer = os.pipe()
os.close(reader)
os.write(writer, b"x")
