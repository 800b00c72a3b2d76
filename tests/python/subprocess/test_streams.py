"""The standard streams of a child, and the other descriptors it has."""

import io
import os
import sys
import tempfile

import pytest


def test_the_null_device(subprocess):
    null = subprocess.DEVNULL
    assert (
        subprocess.call(
            "cat; echo x; echo y >&2", shell=True, stdin=null, stdout=null, stderr=null
        )
        == 0
    )


def test_a_file_and_a_number(subprocess):
    with tempfile.TemporaryFile() as file:
        subprocess.check_call(["echo", "one"], stdout=file)
        subprocess.check_call(["echo", "two"], stdout=file.fileno())
        file.seek(0)
        with subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE) as child:
            assert child.stdout.read() == b"one\ntwo\n"


def test_errors_go_where_the_output_goes(subprocess):
    command = "echo a; echo b >&2; echo c"
    options = {"shell": True, "stderr": subprocess.STDOUT}
    assert subprocess.check_output(command, **options) == b"a\nb\nc\n"
    with tempfile.TemporaryFile() as file:
        subprocess.check_call(command, stdout=file, **options)
        file.seek(0)
        assert file.read() == b"a\nb\nc\n"


def test_only_errors_go_where_the_output_goes(subprocess):
    # Some versions find out from the kernel.
    with pytest.raises((ValueError, OSError)):
        subprocess.Popen(["true"], stdout=subprocess.STDOUT)
    with pytest.raises((ValueError, OSError)):
        subprocess.Popen(["true"], stdin=subprocess.STDOUT)


def test_what_is_no_file_is_an_error(subprocess):
    for wrong in ("name", io.BytesIO(), 1.5):
        with pytest.raises((AttributeError, io.UnsupportedOperation)):
            subprocess.Popen(["true"], stdout=wrong)


def test_a_number_that_is_not_open(subprocess):
    free = os.dup(0)
    os.close(free)
    with pytest.raises(OSError, match="Bad file descriptor"):
        subprocess.Popen(["true"], stdin=free)


PROGRAM = (
    "import os, sys\n"
    "print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')))"
)


def descriptors(subprocess, python, **options):
    said = subprocess.check_output(python(PROGRAM), **options)
    return eval(said)


def test_a_child_has_its_standard_streams_only(subprocess, python):
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    assert descriptors(subprocess, python) == [0, 1, 2]
    os.close(reading)
    os.close(writing)


def test_a_child_has_what_is_passed(subprocess, python):
    reading, writing = os.pipe()
    got = descriptors(subprocess, python, pass_fds=(writing, reading))
    assert got == sorted([0, 1, 2, reading, writing])
    assert not os.get_inheritable(reading)
    os.close(reading)
    os.close(writing)


def test_a_child_that_inherits_has_what_is_inheritable(subprocess, python):
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    got = descriptors(subprocess, python, close_fds=False)
    assert reading in got
    assert writing not in got
    os.close(reading)
    os.close(writing)


def test_to_pass_some_is_to_close_the_others(subprocess):
    with pytest.warns(RuntimeWarning, match="pass_fds overriding close_fds"):
        subprocess.Popen(["true"], close_fds=False, pass_fds=(0,)).wait()


@pytest.mark.parametrize(
    "closed", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
)
def test_closed_standard_streams(subprocess, closed, tmp_path):
    """A parent without some of them starts a child with pipes for all."""
    result = tmp_path / "result"
    pid = os.fork()
    if pid == 0:
        said = b"?"
        try:
            for number in closed:
                os.close(number)
            with subprocess.Popen(
                "cat; echo err >&2",
                shell=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as child:
                said = repr(child.communicate(b"in")).encode()
        except BaseException as error:
            said = repr(error).encode()
        finally:
            result.write_bytes(said)
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert result.read_text() == "(b'in', b'err\\n')"


@pytest.mark.parametrize(
    "order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (1, 0, 2)]
)
def test_streams_that_change_places(subprocess, order):
    """The files are open under the numbers 0 to 2 here, in another order."""
    files = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115
    files[0].write(b"in")
    files[0].flush()
    files[0].seek(0)
    pid = os.fork()
    if pid == 0:
        aside = [os.dup(file.fileno()) for file in files]
        for number, place in zip(aside, order, strict=True):
            os.dup2(number, place)
        status = 1
        try:
            status = subprocess.call(
                "cat; echo err >&2",
                shell=True,
                stdin=order[0],
                stdout=order[1],
                stderr=order[2],
            )
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    for file, text in zip(files, (b"in", b"in", b"err\n"), strict=True):
        file.seek(0)
        assert file.read() == text
        file.close()


def test_the_size_of_pipes(subprocess):
    import fcntl

    size = 4 * os.sysconf("SC_PAGE_SIZE")
    with subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=size
    ) as child:
        for file in (child.stdin, child.stdout):
            assert fcntl.fcntl(file, fcntl.F_GETPIPE_SZ) == size


def test_text(subprocess):
    with subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-16"
    ) as child:
        assert isinstance(child.stdout, io.TextIOWrapper)
        assert child.stdout.encoding == "utf-16"
        assert child.communicate("drei Plüs\n") == ("drei Plüs\n", None)


@pytest.mark.parametrize("option", ["text", "universal_newlines", "encoding", "errors"])
def test_several_options_mean_text(subprocess, option):
    value = {"encoding": "utf-8", "errors": "replace"}.get(option, True)
    command = ["printf", "a\r\nb\rc\n"]
    assert subprocess.check_output(command, **{option: value}) == "a\nb\nc\n"
    done = subprocess.run(command, capture_output=True, **{option: value})
    assert done.stdout == "a\nb\nc\n"


def test_text_and_its_older_name_must_agree(subprocess):
    with pytest.raises(subprocess.SubprocessError, match="Cannot disambiguate"):
        subprocess.Popen(["true"], text=True, universal_newlines=False)
    with subprocess.Popen(["true"], text=True, universal_newlines=True) as child:
        assert child.universal_newlines
        child.universal_newlines = False
        assert child.text_mode is False


def test_what_cannot_be_decoded(subprocess):
    command = ["printf", "\\377"]
    with pytest.raises(UnicodeDecodeError):
        subprocess.run(command, capture_output=True, encoding="utf-8")
    said = subprocess.check_output(command, encoding="utf-8", errors="replace")
    assert said == "�"


def test_no_buffer(subprocess):
    with subprocess.Popen(
        ["cat"], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert isinstance(child.stdin, io.FileIO)
        child.stdin.write(b"x")
        assert child.stdout.read(1) == b"x"
        assert child.communicate(b"y") == (b"y", None)


def test_a_buffer_of_lines(subprocess):
    with subprocess.Popen(
        ["cat"], bufsize=1, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin.line_buffering
        child.stdin.write("x\n")
        assert child.stdout.readline() == "x\n"


def test_a_large_buffer(subprocess):
    with subprocess.Popen(
        ["cat"], bufsize=100_000, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdin.write(b"x" * 99_999)
        assert child.communicate() == (b"x" * 99_999, None)


def test_the_default_encoding_is_warned_of_where_it_is_asked_for(subprocess, python):
    text = (
        "import sys; sys.path[:] = sys.argv[1].split(':')\n"
        f"import importlib; module = importlib.import_module('{subprocess.__name__}')\n"
        "module.run(['true'], text=True)\n"
    )
    command = python(text, ":".join(sys.path))
    command.insert(1, "-Xwarn_default_encoding")
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert "<string>:3: EncodingWarning" in done.stderr
