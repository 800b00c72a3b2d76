import atexit


def fail():
    raise ValueError("at exit")


atexit.register(print, "still called")
atexit.register(fail)
atexit.register(lambda: exit(3))
print("end")
