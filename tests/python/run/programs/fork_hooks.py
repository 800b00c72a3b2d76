import os

for n in range(2):
    os.register_at_fork(
        before=lambda n=n: print("before", n, flush=True),
        after_in_parent=lambda n=n: print("parent", n, flush=True),
        after_in_child=lambda n=n: os.write(pipe[1], b"child %d\n" % n),
    )
pipe = os.pipe()
pid = os.fork()
if not pid:
    os._exit(0)
os.waitpid(pid, 0)
print(os.read(pipe[0], 100))
