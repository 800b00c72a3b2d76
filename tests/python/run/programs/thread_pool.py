from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, as_completed, wait


def work(n):
    if n == 5:
        raise ValueError(n)
    return n * n


with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(work, range(5))))
    futures = [pool.submit(work, n) for n in range(4, 7)]
    print(sorted(f.result() for f in as_completed(futures) if not f.exception()))
    print(len(wait(futures, return_when=FIRST_EXCEPTION).not_done))
print(futures[1].exception())
futures[1].result()
