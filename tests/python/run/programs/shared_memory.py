import multiprocessing
from multiprocessing import shared_memory


def fill(name):
    block = shared_memory.SharedMemory(name)
    block.buf[:3] = b"abc"
    block.close()


if __name__ == "__main__":
    block = shared_memory.SharedMemory(create=True, size=16)
    process = multiprocessing.get_context("fork").Process(target=fill, args=(block.name,))
    process.start()
    process.join()
    print(bytes(block.buf[:3]), process.exitcode)
    block.close()
    block.unlink()
