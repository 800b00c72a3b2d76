import asyncio


async def forgotten():
    pass


async def lost():
    raise KeyError("never retrieved")


async def main():
    forgotten()
    task = asyncio.ensure_future(lost())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task


asyncio.run(main())
