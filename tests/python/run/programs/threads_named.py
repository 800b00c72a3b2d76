import threading


def work():
    print(threading.current_thread().name, threading.current_thread().daemon)


for args in ({}, {"name": "mine"}, {"daemon": True}):
    thread = threading.Thread(target=work, **args)
    thread.start()
    thread.join()
print(threading.current_thread(), threading.main_thread().name)
print(threading.Thread.__module__, threading.Thread.__qualname__, threading.Event)
