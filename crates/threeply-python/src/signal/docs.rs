//! The docstrings of the functions of `signal`.

use std::ffi::CStr;

pub(super) const RELAY: &CStr = c"_relay($module, signalnum, /)
--

Have the signal end the main thread's native waits, whichever thread it is sent to, if it has a Python handler.";

pub(super) const ALARM: &CStr = c"alarm($module, seconds, /)
--

Have SIGALRM sent to this process in so many whole seconds, or never for 0.

An alarm that was set before is cancelled.

Returns:
    The seconds that were left of the alarm before, 0 if there was none.

Raises:
    TypeError: `seconds` is no integer.
    OverflowError: `seconds` is more than a C int.

Source: CPython signal.alarm; alarm(2).";

pub(super) const GETITIMER: &CStr = c"getitimer($module, which, /)
--

Return what is left of a timer, and its interval: two floats of seconds.

Args:
    which: ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF.

Raises:
    ItimerError: `which` is none of them.

Source: CPython signal.getitimer; getitimer(2).";

pub(super) const SETITIMER: &CStr = c"setitimer($module, which, seconds, interval=0.0, /)
--

Set a timer that sends a signal, once or again and again.

ITIMER_REAL sends SIGALRM when the time has passed, ITIMER_VIRTUAL SIGVTALRM when the process has computed so
long, ITIMER_PROF SIGPROF when it has, or the kernel for it.

Args:
    which: ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF.
    seconds: In how many seconds for the first time, 0 for never.
    interval: Every how many seconds after that, 0 for not again.

Returns:
    What was left of the timer, and its interval: two floats of seconds.

Raises:
    ItimerError: `which` is none of them, or a time is negative.
    ValueError: A time is NaN.
    OverflowError: A time is more than the kernel counts.

Source: CPython signal.setitimer; setitimer(2).";

pub(super) const PAUSE: &CStr = c"pause($module, /)
--

Wait until a signal has come and its handler has run.

The wait also ends when the thread is interrupted (`Thread.interrupt`). What the handler raises comes out
here.

Source: CPython signal.pause; pause(2).";

pub(super) const PIDFD_SEND_SIGNAL: &CStr =
    c"pidfd_send_signal($module, pidfd, signalnum, siginfo=None, flags=0, /)
--

Send a signal to the process that a descriptor refers to, never to a later one of the same number.

Args:
    pidfd: What `os.pidfd_open` returned.
    signalnum: The signal, 0 to ask whether it could be sent.
    siginfo: None; reserved.
    flags: 0; reserved.

Raises:
    TypeError: `siginfo` is not None.
    OSError: The process has ended (ProcessLookupError), may not be sent signals (PermissionError), or the
        descriptor is no such one.

Source: CPython signal.pidfd_send_signal; pidfd_send_signal(2).";

pub(super) const PTHREAD_KILL: &CStr = c"pthread_kill($module, thread_id, signalnum, /)
--

Send a signal to a thread of this process; its Python handler runs in the main thread all the same.

Args:
    thread_id: The `ident` of a thread that is alive.
    signalnum: The signal, 0 to ask whether it could be sent.

Raises:
    OSError: There is no such thread (ProcessLookupError) or no such signal.

Source: CPython signal.pthread_kill; pthread_kill(3).";

pub(super) const PTHREAD_SIGMASK: &CStr = c"pthread_sigmask($module, how, mask)
--

Change which signals are kept from this thread; they stay pending meanwhile.

Args:
    how: SIG_BLOCK adds, SIG_UNBLOCK takes away, SIG_SETMASK sets.
    mask: An iterable of signals.

Returns:
    The set of signals that were kept from it until now.

Raises:
    ValueError: `mask` has a number of no signal.
    OSError: `how` is none of the three.

Source: CPython signal.pthread_sigmask; pthread_sigmask(3).";

pub(super) const RAISE_SIGNAL: &CStr = c"raise_signal($module, signalnum, /)
--

Send a signal to this process; what its Python handler raises comes out here, in the main thread.

Raises:
    OSError: There is no such signal.

Source: CPython signal.raise_signal; raise(3).";

pub(super) const SIGINTERRUPT: &CStr = c"siginterrupt($module, signalnum, flag, /)
--

Choose whether the signal's handler ends slow system calls (true), or they are restarted after it (false).

Raises:
    ValueError: There is no such signal.
    OSError: The signal cannot be handled.

Source: CPython signal.siginterrupt; siginterrupt(3).";

pub(super) const SIGPENDING: &CStr = c"sigpending($module, /)
--

Return the set of signals that have come and are kept from this thread.

Source: CPython signal.sigpending; sigpending(2).";

pub(super) const SIGTIMEDWAIT: &CStr = c"sigtimedwait($module, sigset, timeout, /)
--

Wait as `sigwaitinfo` does, but no longer than `timeout` seconds.

Returns:
    What the kernel tells of the signal, or None when the time has passed.

Raises:
    ValueError: `timeout` is negative or NaN, or `sigset` has a number of no signal.
    OverflowError: `timeout` is more than the kernel counts.

Source: CPython signal.sigtimedwait; sigtimedwait(2).";

pub(super) const SIGWAIT: &CStr = c"sigwait($module, sigset)
--

Wait until one of the signals is pending, take it, and return it.

Block them in all threads first, else a handler or another thread may get it. The wait also ends when a signal
handler that runs in the main thread meanwhile raises (Ctrl-C), or when the thread is interrupted.

Args:
    sigset: An iterable of signals.

Raises:
    ValueError: `sigset` has a number of no signal.

Source: CPython signal.sigwait; sigwait(3).";

pub(super) const SIGWAITINFO: &CStr = c"sigwaitinfo($module, sigset, /)
--

Wait as `sigwait` does, and return what the kernel tells of the signal.

Returns:
    A struct_siginfo: among others the sender's si_pid and si_uid.

Raises:
    ValueError: `sigset` has a number of no signal.

Source: CPython signal.sigwaitinfo; sigwaitinfo(2).";

pub(super) const STRSIGNAL: &CStr = c"strsignal($module, signalnum, /)
--

Return what the system calls a signal, such as \"Interrupt\"; None if it has no word for it.

Raises:
    ValueError: There is no such signal.

Source: CPython signal.strsignal; strsignal(3).";

pub(super) const VALID_SIGNALS: &CStr = c"valid_signals($module, /)
--

Return the set of all signals that a program may use.

Source: CPython signal.valid_signals; sigfillset(3).";
