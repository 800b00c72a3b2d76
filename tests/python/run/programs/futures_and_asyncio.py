import asyncio
from concurrent.futures import ThreadPoolExecutor


def blocking(n):
    return n * 2


async def main():
    with ThreadPoolExecutor(2) as pool:
        loop = asyncio.get_running_loop()
        print(await asyncio.gather(*(loop.run_in_executor(pool, blocking, n) for n in range(5))))
        print(await asyncio.wrap_future(pool.submit(blocking, 21)))


asyncio.run(main())
