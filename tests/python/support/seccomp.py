"""System calls that the kernel refuses to one thread, as a sandbox or a full system does."""

import ctypes
import os
import platform
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000

# The numbers of clone, clone3, fork and vfork.
BIRTHS = {"x86_64": (56, 435, 57, 58), "aarch64": (220, 435)}


def refuse_births(error: int) -> None:
    """Has every start of a process or a thread fail, for the calling thread for ever."""
    program = _refusing(BIRTHS[platform.machine()], error)
    text = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many instructions, and where they are.
    filters = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(text))
    _prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters, 0, 0)


def _refusing(calls: tuple[int, ...], error: int) -> bytes:
    code = [(LOAD_WORD, 0, 0, 0)]
    for number in calls:
        # The next is the refusal.
        code += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | error)]
    code.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _prctl(option: int, *arguments: int | bytes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [
        ctypes.c_char_p(one) if isinstance(one, bytes) else ctypes.c_ulong(one)
        for one in arguments
    ]
    if libc.prctl(option, *words):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
