"""Runs a program of the corpus, and says what it did."""

import dataclasses
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys

PATIENCE = 50
"""Seconds after which a program hangs."""

PLAIN = (sys.executable,)
OURS = (sys.executable, "-m", "threeply")

# What differs between two runs of plain Python, and why.
NORMALISED = (
    # An address: the kernel lays out each process anew.
    (re.compile(rb"0x[0-9a-f]{6,}"), b"0x..."),
    # A process id, in the warning of a fork with threads and in names of listeners.
    (re.compile(rb"\bpid[= ]\d+"), b"pid=..."),
    # A thread's ident is an address.
    (re.compile(rb"\bstarted (daemon )?\d{6,}"), rb"started \1..."),
    # A time that was measured: unittest's, timeit's.
    (re.compile(rb"\b\d+(\.\d+)? ?(s|[nu]?sec|msec)( per loop)?\b"), b"(time)"),
    # A file descriptor, in the command line of a spawn child that a traceback shows.
    (re.compile(rb"\b(tracker_fd|pipe_handle|parent_pid)=\d+"), rb"\1=..."),
    # DIFFERENCE: A traceback shows the frames of whose code it is.
    (
        re.compile(
            rb'(  File "[^"]*/(python3\.\d+/subprocess|threeply/subprocess/\w+)\.py", '
            rb"line \d+, in .*\n((?!  File )    .*\n)*)+"
        ),
        b"  (frames of subprocess)\n",
    ),
    # The same: ours may have none.
    (
        re.compile(
            rb'(  File "[^"]*/(python3\.\d+|threeply)/concurrent/futures/\w+\.py", '
            rb"line \d+, in .*\n((?!  File )    .*\n)*)+"
        ),
        b"",
    ),
)


@dataclasses.dataclass(frozen=True)
class Seen:
    """What can be seen of a program from outside."""

    stdout: bytes
    stderr: bytes
    status: int


def run(program, folder, interpreter):
    """Runs a program in a fresh folder with an interpreter's command line."""
    # The same path for both runs: nothing in it to be normalised.
    shutil.rmtree(folder, ignore_errors=True)
    program.write(folder)
    line = [*interpreter, *program.options]
    if program.shell:
        command = ["sh", "-c", program.shell.replace("$RUN", shlex.join(line))]
    else:
        command = [*line, *program.command]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, **program.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_as_from_a_terminal,
    ) as process:
        try:
            stdout, stderr = process.communicate(program.stdin.encode(), PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            message = f"{command} hangs\n{stdout.decode()}\n{stderr.decode()}"
            raise TimeoutError(message) from None
    return Seen(normalised(stdout), normalised(stderr), process.returncode)


def environment(home, **variables):
    """Returns an environment that steers neither Python nor threeply."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        **variables,
    }


def normalised(text):
    for pattern, replacement in NORMALISED:
        text = pattern.sub(replacement, text)
    return text


def _as_from_a_terminal():
    # A shell that starts the tests in the background has them ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
