import atexit

atexit.register(print, "called")
raise ValueError("main failed")
