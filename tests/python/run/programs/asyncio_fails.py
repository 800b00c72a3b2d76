import asyncio


async def inner():
    await asyncio.sleep(0)
    raise ValueError("in a coroutine")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(inner())
        group.create_task(asyncio.sleep(60))


asyncio.run(main())
