"""What goes through the pipes of a child, and what it takes."""

import gc
import re
from pathlib import Path

from harness import bench
from together import median, now

MIB = 1 << 20


@bench("communicate: 100 MiB through cat", "through", "us", aim=2)
def communicate_cat(side):
    data = b"x" * (100 * MIB)

    def once():
        start = now()
        output = side.through(["cat"], data)
        spent = (now() - start) / 1e3
        assert len(output) == len(data)
        return spent

    return median(once, 3)


def _memory(name):
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    assert found
    return int(found.group(1)) * 1024


@bench(
    "communicate: most memory for 100 MiB of output",
    "Popen PIPE",
    "B",
    clock="VmHWM",
    most=120 * MIB,
)
def memory_communicate(side):
    command = ["head", "-c", str(100 * MIB), "/dev/zero"]
    gc.collect()
    # Takes the high-water mark back to what is resident now (proc(5)).
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    with side.Popen(command, stdout=side.PIPE) as child:
        output, _ = child.communicate()
    assert len(output) == 100 * MIB
    return _memory("VmHWM") - before
