import asyncio
import sys


async def main():
    process = await asyncio.create_subprocess_exec(
        "cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    print(await process.communicate(b"through cat"), process.returncode)
    process = await asyncio.create_subprocess_shell("exit 3")
    print(await process.wait())
    print(await asyncio.to_thread(sum, [1, 2]))
    queue = asyncio.Queue()
    await queue.put(1)
    print(await queue.get(), queue)


asyncio.run(main())
