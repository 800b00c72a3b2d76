#![expect(
    unsafe_code,
    reason = "a child that begins on another stack cannot return from a function of the C library"
)]
//! `clone3(2)`: a child that begins without its parent's signal handlers.
//!
//! By `clone(2)` a child has them, in its parent's memory, and would have to ask for each signal
//! whether there is one: 62 calls, 12 µs of some 130 that a start took. `CLONE_CLEAR_SIGHAND` takes
//! them away at birth; what is ignored stays so.
//!
//! The C library has no function for this call, and the general one (`syscall(2)`) would return in
//! the child by a stack that is not there. So the call is made here, on the machine where that was
//! tried; elsewhere it counts as refused.
//!
//! # Source
//!
//! `clone(2)`, "The `clone3()` system call"; glibc's `sysdeps/unix/sysv/linux/x86_64/clone3.S`.

use super::{
    call::Errno,
    child::{Errand, Handlers},
    memory::Stack,
    way::Made,
};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// `CLONE_CLEAR_SIGHAND`, which the flags of `clone` have no room for.
const CLEAR_SIGHAND: u64 = 1 << 32;

/// `struct clone_args`, as long as the first kernels had it (`CLONE_ARGS_SIZE_VER0`).
#[repr(C)]
#[derive(Default)]
struct Arguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    /// Its lowest address.
    stack: u64,
    stack_size: u64,
    tls: u64,
}

/// Makes a child that has its parent's memory, and waits until its program runs or it has ended.
/// `flags` are `clone`'s.
pub(super) fn clone3(flags: u64, errand: &Errand<'_>, stack: &Stack) -> Result<Made, Errno> {
    let errand = Errand {
        handlers: Handlers::Forgotten,
        ..*errand
    };
    let mut pidfd: RawFd = -1;
    let arguments = Arguments {
        flags: flags | CLEAR_SIGHAND,
        pidfd: (&raw mut pidfd).expose_provenance() as u64,
        exit_signal: libc::SIGCHLD.unsigned_abs().into(),
        stack: stack.lowest().expose_provenance() as u64,
        stack_size: Stack::SIZE as u64,
        ..Arguments::default()
    };
    let pid = libc::pid_t::try_from(call(&arguments, &errand)).unwrap_or(-libc::EINVAL);
    if pid < 0 {
        return Err(-pid);
    }
    // SAFETY: the kernel made it for us: nobody else has it.
    let pidfd = (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) });
    Ok(Made { pid, pidfd })
}

/// Makes the call; returns its answer in the parent, and in the child not at all.
#[cfg(target_arch = "x86_64")]
fn call(arguments: &Arguments, errand: &Errand<'_>) -> i64 {
    use super::child;

    let mut answer = libc::SYS_clone3;
    // SAFETY: the kernel reads `arguments`, all of them, and writes the pidfd. The child has the
    // parent's registers, but for the stack, which nobody else uses and which begins at a page
    // (memory.rs): it calls `begin` as the ABI wants it, with the errand, and `begin` does not
    // return. The parent waits for that (CLONE_VFORK) and goes on behind it; it has lost what
    // `syscall` overwrites.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            // No frame lies below the child's first one.
            "xor ebp, ebp",
            "mov rdi, rdx",
            "call {begin}",
            "ud2",
            "2:",
            begin = sym child::begin,
            inlateout("rax") answer,
            in("rdi") arguments,
            in("rsi") size_of::<Arguments>(),
            in("rdx") errand,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
fn call(_: &Arguments, _: &Errand<'_>) -> i64 {
    i64::from(-libc::ENOSYS)
}
