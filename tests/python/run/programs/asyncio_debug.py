# environment: PYTHONASYNCIODEBUG=1
import asyncio


async def main():
    print(asyncio.get_running_loop().get_debug())
    print(await asyncio.gather(asyncio.sleep(0, "a"), asyncio.sleep(0, "b")))


asyncio.run(main())
asyncio.run(asyncio.sleep(0, print("a second loop")))
asyncio.run(print)
