import multiprocessing


def inner():
    raise LookupError("in a child")


def work():
    inner()


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=work, name=method)
        process.start()
        process.join()
        print(process.exitcode, flush=True)
