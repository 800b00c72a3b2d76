import os
import signal

reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.raise_signal(signal.SIGUSR1)
print(os.read(reader, 1) == bytes([signal.SIGUSR1]))
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
signal.raise_signal(signal.SIGUSR2)
print(signal.sigpending(), signal.sigwait({signal.SIGUSR2}), signal.strsignal(signal.SIGUSR2))
