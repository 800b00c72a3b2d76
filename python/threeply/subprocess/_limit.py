"""`OutputLimitExceeded`: a child wrote more than the program wanted to keep."""

from __future__ import annotations

from threeply import _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from typing import Any
else:
    stdlib_subprocess = _stdlib.module("subprocess")


class OutputLimitExceeded(stdlib_subprocess.SubprocessError):
    """A child wrote more to a pipe than `max_output` bytes.

    Attributes:
        cmd: The program and its arguments.
        limit: The most bytes that were to be kept of each output.
        output: What came from standard output up to the limit; None for nothing.
        stdout: The same.
        stderr: What came from standard error up to the limit; None for nothing.
    """

    def __init__(
        self,
        cmd: Any,  # noqa: ANN401
        limit: int | None,
        output: bytes | None = None,
        stderr: bytes | None = None,
    ) -> None:
        super().__init__(cmd, limit, output, stderr)
        self.cmd = cmd
        self.limit = limit
        self.output = output
        self.stderr = stderr

    def __str__(self) -> str:
        """Names the command and the limit."""
        return f"Command '{self.cmd}' wrote more than {self.limit} bytes"

    @property
    def stdout(self) -> bytes | None:
        """What came from standard output."""
        return self.output
