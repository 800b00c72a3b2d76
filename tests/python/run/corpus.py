"""The corpus: programs nobody wrote for threeply, and how each is started.

A file of `programs/` is one program; comment lines at its top say how it is started
(`# options:`, `# environment:`, `# arguments:`, `# stdin:`; `# beside:` for another
program that this one needs). `COMMANDS` has what is no single file. All of them find
what is in `beside/` in the folder where they run.
"""

import dataclasses
import pathlib
import shlex
import shutil
import sys
import zipfile

FOLDER = pathlib.Path(__file__).with_name("programs")
BESIDE = FOLDER / "beside"


@dataclasses.dataclass(frozen=True)
class Program:
    """One program, and how it is started.

    Attributes:
        name: What the test is called.
        command: What follows the interpreter's options.
        options: The interpreter's options.
        environment: Variables.
        stdin: What standard input holds.
        files: Files that only this program needs, by name.
        shell: A line for `sh` in place of `command`, with `$RUN` for the interpreter
            and its options.
        beside: Other programs that this one needs in its folder.
        since: The first Python that can run it.
    """

    name: str
    command: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    stdin: str = ""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    shell: str = ""
    beside: tuple[str, ...] = ()
    since: tuple[int, int] = (3, 11)

    def write(self, folder):
        """Fills a folder, which is not there yet, with what the program needs."""
        shutil.copytree(BESIDE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        words = {*self.command, *self.beside, *shlex.split(self.shell)}
        for path in FOLDER.glob("*.py"):
            # By its name, or by the module that it is.
            if not words.isdisjoint((path.name, path.stem)):
                shutil.copy(path, folder)
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)


def module(name, *arguments, **other):
    return Program(f"-m {name}", ("-m", name, *arguments), **other)


def code(name, text, *arguments, **other):
    return Program(f"-c {name}", ("-c", text, *arguments), **other)


def file(name, content, *arguments, **other):
    return Program(name, (name, *arguments), files={name: content}, **other)


def zipped(**texts):
    """Returns the bytes of a zip with these modules in it."""
    import io

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in texts.items():
            # A fixed date: the same bytes each time.
            archive.writestr(zipfile.ZipInfo(f"{name}.py"), text)
    return held.getvalue()


IN_ZIP = """\
import sys
import multiprocessing
import beside

def work(n):
    print(n + 1, __name__, beside.NAME, flush=True)

if __name__ == "__main__":
    print(sys.argv, sys.path[0], __file__, __spec__.name, list(globals()), flush=True)
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        process = context.Process(target=work, args=(1,))
        process.start()
        process.join()
        print(method, process.exitcode)
    beside.fail()
"""
FAILS_IN_ZIP = """\
import sys, beside
print(sys.argv, sys.path[0], __file__, __spec__.name, list(globals()))
beside.fail()
"""
MODULE_IN_ZIP = "NAME = 'beside'\ndef fail():\n    raise ValueError('in a zip')\n"

ASYNC_SESSION = "import asyncio\nprint(await asyncio.sleep(0, 'slept'))\n"

COMMANDS = (
    # Code on the command line.
    code("namespace", "import sys; print(sys.argv, list(globals()), sys.path[0])", "a"),
    code("prints", "print('hello'); print(__name__, __spec__, __doc__)"),
    code("fails", "def f():\n    1/0\nprint('before')\nf()"),
    code("exits", "import sys; sys.exit('said')"),
    code("syntax error", "print('a'"),
    code("empty", ""),
    code("indented", "  print('indented')"),
    code("interrupted", "raise KeyboardInterrupt"),
    code(
        "with a null option", "print('-c' in __import__('sys').orig_argv)", "--", "-c"
    ),
    code("own-looking option", "import sys; print(sys.argv)", "--children", "--help"),
    code(
        "thread",
        "import threading as t; x = t.Thread(target=print, args=('in a thread',)); "
        "x.start(); x.join(); print(t.active_count())",
    ),
    code(
        "fork pool",
        "import multiprocessing as m; f = lambda n: n * n\ndef g(n): return f(n)\n"
        "print(m.get_context('fork').Pool(2).map(g, range(4)))",
    ),
    code(
        "chained options",
        "import sys; print(sys.flags.optimize, sys.flags.isolated, sys.argv)",
        "x",
        options=("-OIB",),
    ),
    Program("-Oc", ("print(__debug__)", "x"), options=("-Oc",)),
    Program("-cprint(1)", ("-cprint('joined')", "x")),
    # Modules.
    module("package", "a", "b"),
    module("package.inner", "a"),
    module("package.failing"),
    module("package.interrupted"),
    module("package.spawning"),
    module("package.nothing_there"),
    module("no_such_module_anywhere"),
    module("package.inner.deeper"),
    module("bad_syntax_module"),
    Program("-I -m", ("-m", "neighbour"), options=("-I",)),
    module("neighbour"),
    module("helper", "x", environment={"PYTHONPATH": "modules"}),
    module("timeit", "-n", "1", "-r", "1", "pass"),
    module("json.tool", stdin='{"b": [1, 2], "a": null}'),
    module("http.server", "--help"),
    module("asyncio", stdin=ASYNC_SESSION),
    module("this"),
    module("calendar", "2024", "2"),
    module("py_compile", "syntax_error.py"),
    module("compileall", "-q", "package"),
    module("dis", "neighbour.py"),
    module("tokenize", "-e", "neighbour.py"),
    module("ast", "neighbour.py"),
    module("base64", "-e", stdin="some text"),
    module("doctest", "doctests.py"),
    module("unittest", "-v", "unittests"),
    module("pdb", "neighbour.py", stdin="next\nprint(__name__)\nquit\n"),
    module("trace", "--count", "--no-report", "--missing", "neighbour.py"),
    module("runpy", "package"),
    module("inspect", "--details", "threading"),
    module("zipfile", "-l", "made.zip", files={"made.zip": zipped(a="1", b="2")}),
    module("sysconfig", "--help-me-not"),
    Program("-mpackage", ("-mpackage", "a")),
    Program("-Bm package", ("package", "a"), options=("-Bm",)),
    # Folders and zips.
    Program("folder", ("folder", "a"), options=("-B",)),
    Program("folder/", ("folder/", "a"), options=("-B",)),
    Program("folder, safe path", ("folder", "a"), options=("-BP",)),
    Program("empty folder", ("modules",)),
    file("program.zip", zipped(__main__=IN_ZIP, beside=MODULE_IN_ZIP), "a"),
    file("failing.zip", zipped(__main__=FAILS_IN_ZIP, beside=MODULE_IN_ZIP), "a"),
    file("empty.zip", zipped(beside=MODULE_IN_ZIP)),
    Program("package as a folder", ("package", "a")),
    # Files.
    Program("missing file", ("no_such_file.py",)),
    Program("missing folder", ("no/such/file.py", "a")),
    Program("with ./", ("./package/inner.py", "a")),
    Program("shadowed queue", ("shadowing/main.py",), options=("-B",)),
    Program("after --", ("--", "sees_itself.py", "--")),
    Program("unreadable", shell="ln -s loop loop; exec $RUN loop"),
    Program("through a link", shell="ln -s folder/__main__.py l.py; exec $RUN l.py"),
    Program("a device", ("/dev/null", "a")),
    Program(
        "compiled file",
        shell="$RUN -m py_compile zero_division.py; exec $RUN __pycache__/zero*.pyc",
    ),
    file("no_suffix", b"#!/usr/bin/env python3\nprint('no suffix', __name__)\n"),
    file("bad_encoding.py", b'# not utf-8\nprint("\xff")\n'),
    file("unknown_coding.py", b"# -*- coding: no-such -*-\nprint(1)\n"),
    file("latin_1.py", b'# -*- coding: latin-1 -*-\nprint(ascii("\xe9"))\n'),
    file("byte_order_mark.py", b"\xef\xbb\xbfprint('with a mark')\n"),
    file("carriage_returns.py", b'print("a")\r\nraise ValueError("c")\r\n'),
    file("null_byte.py", b"print(1)\n\x00"),
    file("empty.py", b""),
    file("no_newline.py", b'print("no newline at the end")'),
    file("skipped.txt", b"no Python\nprint('two')\nexit(4)\n", options=("-x",)),
    # Standard input.
    Program("-", ("-", "a"), stdin="import sys\nprint(sys.argv, __file__)\n1/0\n"),
    Program("- globals", ("-",), stdin="print(list(globals()), __name__)\n"),
    Program("- reads on", ("-",), stdin="print(input())\nthis is read as a line\n"),
    Program("- exits", ("-",), stdin="raise SystemExit(3)\n"),
    Program("- pipe", shell="echo 'print(40 + 2)' | $RUN -"),
    # Interactive afterwards.
    code("-i", "x = 1", options=("-i",), stdin="print(x)\nx / 0\n"),
    Program(
        "-i after an error",
        ("zero_division.py",),
        options=("-i",),
        stdin="import sys, traceback\ntraceback.print_tb(sys.last_traceback)\nouter\n",
    ),
    Program("-i after an exit", ("exit_three.py",), ("-i",), stdin="print(__name__)\n"),
    Program("-i -m", ("-m", "package.failing"), ("-i",), stdin="fail()\nexit(5)\n"),
    Program(
        "PYTHONINSPECT",
        ("zero_division.py",),
        environment={"PYTHONINSPECT": "1"},
        stdin="print(inner, __file__)\n",
    ),
    # Standard output that nobody reads, or that is not there.
    Program("output closed early", shell="$RUN flood.py | head -1"),
    Program("output closed", shell="exec $RUN prints_and_fails.py >&-"),
    Program("errors closed", shell="exec $RUN prints_and_fails.py 2>&-"),
    Program("input closed", shell="exec $RUN reads_input.py <&-"),
    Program("output full", shell="exec $RUN sees_itself.py >/dev/full"),
    Program("two programs", shell="$RUN flood.py | tail -2 | $RUN reads_stdin.py"),
    Program(
        "interrupt ignored",
        shell="trap '' INT; $RUN signal_handlers.py; exec $RUN killed_int.py",
    ),
    Program("no file descriptors", shell="ulimit -n 20; exec $RUN subprocess_cwd.py"),
    # Options that are wrong, or that answer by themselves.
    Program("-V", ("-V",)),
    Program("-VV", ("-VV",)),
    Program("unknown option", ("-Z", "zero_division.py")),
    Program("unknown long option", ("--no-such-option", "zero_division.py")),
    Program("-W without argument", ("-W",)),
    Program("-m without argument", ("-m",)),
    Program("bad warning option", ("-W", "nonsense", "sees_no_frames.py")),
    Program("bad -X", ("-X", "frozen_modules=maybe", "sees_no_frames.py")),
    Program("--help-xoptions", ("--help-xoptions",)),
)


def read_file(path):
    """Reads from the top of a file how it is started."""
    text = path.read_text()
    said = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            break
        key, _, value = line.removeprefix("# ").partition(": ")
        said[key] = value
    unknown = set(said) - {"options", "environment", "arguments", "stdin", "beside"}
    assert not unknown, f"{path.name}: unknown words at the top: {unknown}"
    return Program(
        path.name,
        (path.name, *shlex.split(said.get("arguments", ""))),
        options=tuple(shlex.split(said.get("options", ""))),
        environment=dict(
            pair.split("=", 1) for pair in said.get("environment", "").split()
        ),
        stdin=said.get("stdin", "").replace("\\n", "\n"),
        beside=tuple(said.get("beside", "").split()),
    )


def all_programs():
    """Returns every program of the corpus that this Python can run."""
    files = [read_file(path) for path in sorted(FOLDER.glob("*.py"))]
    programs = [*files, *COMMANDS]
    return [program for program in programs if program.since <= sys.version_info]
