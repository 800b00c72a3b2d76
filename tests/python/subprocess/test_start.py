"""What a child is started with: its program, arguments, environment, directory, identity."""

import errno
import os
import pathlib
import resource
import signal
import stat
import sys
import threading as stdlib_threading

import pytest
from support.descriptors import all_descriptors_but
from support.threads import Worker

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another")


def shown(subprocess, command, **options):
    """What a shell command writes."""
    return subprocess.check_output(command, shell=True, text=True, **options).strip()


def test_arguments_are_passed_as_they_are(subprocess):
    arguments = ["", " ", "a\nb", "ü", "\udcff", "*", "$HOME", "'", '"']
    with subprocess.Popen(
        ["sh", "-c", 'for a; do printf "%s\\0" "$a"; done', "sh", *arguments],
        stdout=subprocess.PIPE,
    ) as child:
        got = child.stdout.read().split(b"\0")[:-1]
    assert got == [os.fsencode(argument) for argument in arguments]


@pytest.mark.parametrize(
    "args",
    ["true", b"true", pathlib.Path("true"), ["true"], (b"true",), {"true": 1}],
)
def test_a_program_is_named_in_several_ways(subprocess, args):
    assert subprocess.call(args) == 0


def test_executable_replaces_the_program_and_not_its_name(subprocess):
    command = ["name", "-c", "echo $0"]
    assert subprocess.check_output(command, executable="/bin/sh") == b"name\n"


def test_a_shell_gets_further_arguments(subprocess):
    command = ["echo $0 $1", "zero", "one"]
    assert subprocess.check_output(command, shell=True) == b"zero one\n"


def test_executable_is_the_shell(subprocess, tmp_path):
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\necho "$@"\n')
    shell.chmod(0o755)
    said = subprocess.check_output("command", shell=True, executable=str(shell))
    assert said == b"-c command\n"


def test_a_path_is_no_command_of_a_shell(subprocess):
    with pytest.raises(TypeError, match="path-like"):
        subprocess.Popen(pathlib.Path("true"), shell=True)


def test_env_is_all_that_the_child_has(subprocess):
    variables = {"ONE": "1", b"TWO": b"\xff", "EMPTY": ""}
    said = subprocess.check_output(["/usr/bin/env", "-0"], env=variables)
    assert said.split(b"\0")[:-1] == [b"ONE=1", b"TWO=\xff", b"EMPTY="]
    assert subprocess.check_output(["/usr/bin/env"], env={}) == b""


def test_without_env_the_child_has_ours(subprocess, monkeypatch):
    monkeypatch.setenv("THREE", "plies")
    assert shown(subprocess, "echo $THREE") == "plies"


def test_a_program_is_looked_for_in_the_path_of_env(subprocess, tmp_path):
    program = tmp_path / "hello"
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    said = subprocess.check_output(["hello"], env={"PATH": f"/nowhere:{tmp_path}"})
    assert said == b"here\n"


def test_cwd_is_where_the_program_starts(subprocess, tmp_path):
    assert shown(subprocess, "pwd", cwd=tmp_path) == str(tmp_path)
    assert shown(subprocess, "pwd", cwd=os.fsencode(tmp_path)) == str(tmp_path)
    program = tmp_path / "here"
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)
    assert subprocess.check_output(["./here"], cwd=tmp_path) == b"found\n"


def test_umask(subprocess, tmp_path):
    subprocess.check_call(["touch", tmp_path / "file"], umask=0o027)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_session_of_its_own(subprocess, python):
    program = python("import os; print(os.getsid(0) == os.getpid())")
    assert subprocess.check_output(program, start_new_session=True) == b"True\n"
    assert subprocess.check_output(program) == b"False\n"


def test_a_process_group(subprocess, python):
    program = python("import os; print(os.getpgid(0) == os.getpid())")
    assert subprocess.check_output(program, process_group=0) == b"True\n"
    assert subprocess.check_output(program, process_group=None) == b"False\n"


@ROOT
@pytest.mark.parametrize("name", ["nobody", 65534])
def test_another_user(subprocess, name):
    assert shown(subprocess, "id -u", user=name) == "65534"


@ROOT
def test_other_groups(subprocess):
    options = {"group": 65534, "extra_groups": [1, 2]}
    assert shown(subprocess, "id -g", **options) == "65534"
    assert set(shown(subprocess, "id -G", **options).split()) == {"65534", "1", "2"}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"user": "no such user"}, KeyError),
        ({"user": 1.5}, TypeError),
        ({"user": -1}, ValueError),
        ({"user": 2**64}, OverflowError),
        ({"group": "no such group"}, KeyError),
        ({"group": -1}, ValueError),
        ({"extra_groups": "wheel"}, ValueError),
        ({"extra_groups": [1.5]}, TypeError),
        ({"extra_groups": [-1]}, ValueError),
        ({"extra_groups": [2**64]}, (ValueError, OverflowError)),
        ({"bufsize": "1"}, TypeError),
        ({"pipesize": "1"}, TypeError),
        ({"startupinfo": 1}, ValueError),
        ({"creationflags": 1}, ValueError),
        ({"pass_fds": [-1]}, ValueError),
    ],
)
def test_an_argument_that_makes_no_sense_is_an_error(subprocess, options, error):
    with pytest.raises(error):
        subprocess.Popen(["true"], **options)


@pytest.mark.parametrize(
    "options",
    [
        {"args": ["tr\0ue"]},
        {"args": ["true", "\0"]},
        {"args": ["true"], "cwd": "\0"},
        {"args": ["true"], "env": {"A": "\0"}},
        {"args": ["true"], "env": {"A\0": ""}},
        {"args": ["true"], "env": {"A=": ""}},
    ],
)
def test_a_string_that_the_kernel_cannot_take_is_an_error(subprocess, options):
    with pytest.raises(
        ValueError, match=r"null byte|illegal environment variable name"
    ):
        subprocess.Popen(**options)


def test_a_program_that_is_not_there(subprocess):
    with pytest.raises(FileNotFoundError) as caught:
        subprocess.Popen(["no-such-program", "argument"])
    assert caught.value.filename == "no-such-program"
    with pytest.raises(FileNotFoundError) as caught:
        subprocess.Popen(["./no-such-program"])
    assert caught.value.filename == "./no-such-program"


def test_a_directory_that_is_not_there(subprocess):
    with pytest.raises(FileNotFoundError) as caught:
        subprocess.Popen(["true"], cwd="/no/such/directory")
    assert caught.value.filename == "/no/such/directory"


def test_a_program_that_may_not_be_executed(subprocess, tmp_path):
    file = tmp_path / "file"
    file.write_text("no program")
    with pytest.raises(PermissionError) as caught:
        subprocess.Popen([file])
    assert os.fspath(caught.value.filename) == str(file)


def test_a_program_without_a_first_line_is_none(subprocess, tmp_path):
    file = tmp_path / "file"
    file.write_text("echo")
    file.chmod(0o755)
    with pytest.raises(OSError, match="Exec format error"):
        subprocess.Popen([file])


def test_an_interpreter_that_is_not_there(subprocess, tmp_path):
    file = tmp_path / "file"
    file.write_text("#!/no/such/interpreter\n")
    file.chmod(0o755)
    with pytest.raises(FileNotFoundError):
        subprocess.Popen([file])


def test_too_many_arguments(subprocess):
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.Popen(["true", "x" * 10_000_000])


@pytest.mark.usefixtures("few_descriptors")
@pytest.mark.parametrize("spare", range(12))
def test_no_descriptors_left(subprocess, spare):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with all_descriptors_but(spare):
        try:
            child = subprocess.Popen(["true"], **pipes)
        except OSError as error:
            child, code = None, error.errno
        if child is not None:
            with child:
                code = child.wait()
    # Three pipes are six descriptors; whatever else is needed, eleven are enough.
    assert code == (errno.EMFILE if spare < 6 else code if spare < 11 else 0)


def test_preexec_fn_runs_in_the_child(subprocess):
    with subprocess.Popen(
        ["true"], stdout=subprocess.PIPE, preexec_fn=lambda: os.write(1, b"before")
    ) as child:
        assert child.stdout.read() == b"before"


def test_preexec_fn_that_raises(subprocess):
    with pytest.raises(subprocess.SubprocessError, match="preexec_fn"):
        subprocess.Popen(["true"], preexec_fn=lambda: 1 / 0)


def test_what_preexec_fn_does_to_the_environment_is_the_program_s(subprocess):
    with subprocess.Popen(
        "echo $PLY",
        shell=True,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.putenv("PLY", "three"),
    ) as child:
        assert child.stdout.read() == b"three\n"


def test_other_threads_run_while_preexec_fn_does(subprocess):
    asked, answered = os.pipe(), os.pipe()

    def ask():
        os.write(asked[1], b"?")
        os.read(answered[0], 1)

    def answer():
        os.read(asked[0], 1)
        os.write(answered[1], b"!")

    answering = Worker(answer)
    assert subprocess.call(["true"], preexec_fn=ask, close_fds=False) == 0
    answering.result()
    for number in (*asked, *answered):
        os.close(number)


def test_a_signal_within_the_fork_of_a_preexec_fn(subprocess, python):
    # The interpreter has locks of its own around a fork; its handlers run when they are free. Of what is called before
    # a fork, what is registered first is called last; it runs no Python.
    program = python(
        f"""if True:
        import _thread, functools, importlib, os, signal, sys
        before = functools.partial(_thread.interrupt_main, signal.SIGUSR1)
        os.register_at_fork(before=before)
        import threading
        sys.path[:] = sys.argv[1].split(":")
        subprocess = importlib.import_module("{subprocess.__name__}")

        def start_a_thread(*_):
            thread = threading.Thread(target=print, args=("a thread",))
            thread.start()
            thread.join()

        signal.signal(signal.SIGUSR1, start_a_thread)
        print(subprocess.call(["true"], preexec_fn=int))
        """,
        ":".join(sys.path),
    )
    said = subprocess.check_output(program, text=True, timeout=60)
    assert said == "a thread\n0\n"


def test_the_audit_hooks_hear_of_a_start(subprocess, python):
    name = subprocess.__name__
    program = python(
        "import sys; sys.path[:] = sys.argv[1].split(':')\n"
        "def hook(event, args):\n"
        "    if event == 'subprocess.Popen': print(*args, flush=True)\n"
        f"import importlib; module = importlib.import_module('{name}')\n"
        "sys.addaudithook(hook)\n"
        "module.call(['true', 'x'], cwd='/', env={'PATH': '/bin'})",
        ":".join(sys.path),
    )
    said = subprocess.check_output(program, text=True)
    assert said == "true ['true', 'x'] / {'PATH': '/bin'}\n"


def test_ignored_signals_get_their_default_effect(subprocess):
    # Python ignores SIGPIPE; a program expects it.
    ignored = "awk '/SigIgn/ {print $2}' /proc/self/status"
    sigpipe = 1 << (signal.SIGPIPE - 1)
    assert int(shown(subprocess, ignored), 16) & sigpipe == 0
    kept = shown(subprocess, ignored, restore_signals=False)
    assert int(kept, 16) & sigpipe != 0


def test_a_start_blocks_no_signal_for_good(subprocess):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert subprocess.call(["true"]) == 0
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    blocked = ["awk", "/SigBlk/ {print $2}", "/proc/self/status"]
    assert int(subprocess.check_output(blocked), 16) == 0


def test_starts_by_many_threads_at_once(subprocess):
    start = stdlib_threading.Barrier(8)

    def several():
        start.wait()
        return [subprocess.check_output(["echo", str(n)]) for n in range(5)]

    workers = [Worker(several) for _ in range(8)]
    for worker in workers:
        assert worker.result() == [b"%d\n" % n for n in range(5)]


@pytest.mark.threeply_only(reason="the standard one needs a preexec_fn for these")
class TestWhatOnlyOursCan:
    def test_nice(self, subprocess):
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert int(shown(subprocess, "nice", nice=3)) == min(mine + 3, 19)

    def test_limits(self, subprocess):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        limits = {resource.RLIMIT_NOFILE: (64, hard), resource.RLIMIT_CORE: (0, 0)}
        assert shown(subprocess, "ulimit -n; ulimit -c", rlimits=limits) == "64\n0"

    def test_a_limit_that_is_none(self, subprocess):
        limits = {resource.RLIMIT_CORE: (0, resource.RLIM_INFINITY)}
        assert shown(subprocess, "ulimit -S -c", rlimits=limits) == "0"

    def test_the_signal_mask(self, subprocess):
        # Not through a shell, which lets all signals in.
        blocked = ["awk", "/SigBlk/ {print $2}", "/proc/self/status"]
        mask = {signal.SIGUSR1, signal.SIGTERM}
        said = subprocess.check_output(blocked, sigmask=mask)
        assert int(said, 16) == 1 << signal.SIGUSR1 - 1 | 1 << signal.SIGTERM - 1

    def test_the_end_of_the_parent(self, rooms, python):
        program = python(
            "import sys, signal; sys.path[:] = sys.argv[1].split(':')\n"
            "from threeply.subprocess import PIPE, Popen\n"
            "child = Popen(['cat'], stdin=PIPE, parent_death_signal=signal.SIGKILL)\n"
            "print(child.pid, flush=True); sys.stdin.read()",
            ":".join(sys.path),
        )
        with rooms.subprocess.Popen(
            program, stdin=rooms.subprocess.PIPE, stdout=rooms.subprocess.PIPE
        ) as parent:
            pidfd = os.pidfd_open(int(parent.stdout.readline()))
            parent.kill()
        # It is readable when the grandchild has ended, whose pipe its parent held.
        with open(pidfd, closefd=True) as file:
            import select

            assert select.select([file], [], [], 60)[0]

    @pytest.mark.parametrize(
        "options",
        [
            {"nice": "3"},
            {"rlimits": {1: 2}},
            {"rlimits": {1: (2, 3, 4)}},
            {"sigmask": 3},
            {"parent_death_signal": "TERM"},
        ],
    )
    def test_wrong_types_are_errors(self, subprocess, options):
        with pytest.raises(TypeError):
            subprocess.Popen(["true"], **options)

    def test_a_handler_that_raises_ends_a_start(self, rooms, python):
        # What is registered last is called last after the fork, and runs no Python: the signal finds a parent that waits.
        program = python(
            """if True:
            import functools, os, sys
            sys.path[:] = sys.argv[1].split(":")
            from threeply import signal, subprocess

            class Stop(Exception):
                pass

            def stop(*_):
                raise Stop

            def interrupt():
                os.read(r, 1)
                os.kill(parent, signal.SIGUSR1)
                signal.pause()

            parent = os.getpid()
            r, w = os.pipe()
            os.register_at_fork(after_in_parent=functools.partial(os.write, w, b"."))
            signal.signal(signal.SIGUSR1, stop)
            try:
                subprocess.Popen(["true"], preexec_fn=interrupt)
            except Stop:
                print("Stop")
            """,
            ":".join(sys.path),
        )
        assert rooms.subprocess.check_output(program, timeout=60) == b"Stop\n"
