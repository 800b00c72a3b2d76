import multiprocessing

multiprocessing.set_start_method("spawn")
process = multiprocessing.Process(target=print, args=("never",))
process.start()
process.join()
print(process.exitcode)
