"""A traceback that goes through a native call.

The standard module's own frames are missing from it, since nothing of that module
ran; the program's frames and the error are the same, and there is none of ours.
"""

import re
import sysconfig

import pytest
from run import runner
from run.corpus import Program

ENDS = {
    "queue.Empty": "import queue\ndef inner():\n    queue.Queue().get(timeout=0.01)\n",
    "queue.Full": (
        "import queue\ndef inner():\n    q = queue.Queue(1)\n    q.put(1)\n"
        "    q.put(2, block=False)\n"
    ),
    "ValueError": (
        "import threading\ndef inner():\n    threading.BoundedSemaphore().release()\n"
    ),
    "TypeError": "import threading\ndef inner():\n    threading.Event().wait('long')\n",
    "KeyboardInterrupt": (
        "import signal, threading\ndef inner():\n"
        "    signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.05)\n"
        "    threading.Event().wait()\n"
    ),
}
FRAME = re.compile(rb'  File "([^"]+)", line \d+, in .*\n((?!  File )    .*\n)*')


def without_frames_of(folder, traceback):
    """Returns a traceback without the frames of files below a folder."""
    return FRAME.sub(
        lambda frame: b"" if frame[1].startswith(folder.encode()) else frame[0],
        traceback,
    )


@pytest.mark.parametrize("error", ENDS)
def test_a_native_call_leaves_the_program_s_frames(error, tmp_path):
    text = ENDS[error] + "def outer():\n    inner()\nouter()\n"
    program = Program(error, ("prog.py",), files={"prog.py": text.encode()})
    plain = runner.run(program, tmp_path / "run", runner.PLAIN)
    ours = runner.run(program, tmp_path / "run", runner.OURS)
    library = sysconfig.get_path("stdlib")
    stderr = without_frames_of(library, ours.stderr)
    *frames, said = stderr.splitlines()
    *plain_frames, plain_said = without_frames_of(library, plain.stderr).splitlines()
    assert frames == plain_frames
    assert b"threeply" not in stderr
    assert stderr.count(b'File "') == 3
    # A TypeError of C words a wrong argument in its own way.
    if error != "TypeError":
        assert said == plain_said
    assert (ours.stdout, ours.status) == (plain.stdout, plain.status)
