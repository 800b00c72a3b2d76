"""Makes the frozen list of a version that has none yet, from rules about classes.

A rule is a test class and the reason why all that it exercises is a Python class of
the standard library, which a room leaves as it is. The rules are many versions'; a
class that a version does not have adds nothing. Tests that were skipped are not
listed. What is not clearly so has no rule: it counts.
"""

from conform.frozen import Frozen

_SELECTOR = "drives the private classes of asyncio.selector_events over mocks"
_PROACTOR = "drives the private classes of asyncio.proactor_events over mocks"
_BASE = "drives a bare BaseEventLoop, which no program makes, over mocks"
_PIPES = "drives the private pipe transports of asyncio.unix_events over mocks"
_PY_FUTURE = "the pure-Python twin of the C Future, which programs do not get"
_PY_TASK = "the pure-Python twin of the C Task, which programs do not get"

RULES = {
    "test_asyncio.test_selector_events.BaseSelectorEventLoopTests": _SELECTOR,
    "test_asyncio.test_selector_events.SelectorTransportTests": _SELECTOR,
    "test_asyncio.test_selector_events.SelectorSocketTransportTests": _SELECTOR,
    "test_asyncio.test_selector_events."
    "SelectorSocketTransportBufferedProtocolTests": _SELECTOR,
    "test_asyncio.test_selector_events.SelectorDatagramTransportTests": _SELECTOR,
    "test_asyncio.test_proactor_events.BaseProactorEventLoopTests": _PROACTOR,
    "test_asyncio.test_proactor_events.ProactorSocketTransportTests": _PROACTOR,
    "test_asyncio.test_proactor_events.ProactorDatagramTransportTests": _PROACTOR,
    "test_asyncio.test_base_events.BaseEventLoopTests": _BASE,
    "test_asyncio.test_unix_events.UnixReadPipeTransportTests": _PIPES,
    "test_asyncio.test_unix_events.UnixWritePipeTransportTests": _PIPES,
    "test_asyncio.test_sslproto.SslProtoHandshakeTests": (
        "drives the private SSLProtocol of asyncio.sslproto over mocks"
    ),
    "test_asyncio.test_subprocess.SubprocessTransportTests": (
        "drives a subclass of the private BaseSubprocessTransport by mocks"
    ),
    "test_asyncio.test_futures.PyFutureTests": _PY_FUTURE,
    "test_asyncio.test_futures.PyFutureDoneCallbackTests": _PY_FUTURE,
    "test_asyncio.test_futures.PyFutureInheritanceTests": _PY_FUTURE,
    "test_asyncio.test_futures2.PyFutureTests": _PY_FUTURE,
    "test_asyncio.test_tasks.PyTask_PyFuture_Tests": _PY_TASK,
    "test_asyncio.test_tasks.PyTask_PyFuture_SubclassTests": _PY_TASK,
    "test_asyncio.test_tasks.PyTask_CFuture_Tests": _PY_TASK,
    "test_asyncio.test_tasks.PyTask_CFutureSubclass_Tests": _PY_TASK,
    "test_asyncio.test_eager_task_factory.EagerPyTaskTests": _PY_TASK,
    "test_asyncio.test_eager_task_factory.NonEagerPyTaskTests": _PY_TASK,
    "test_threading.PyRLockTests": (
        "the pure-Python twin of the C RLock, which programs do not get"
    ),
}


def freeze(ran):
    """Returns the list of a version.

    Args:
        ran: The ids that the plain standard library ran.
    """
    reasons = {
        name: RULES[owner]
        for name in ran
        if (owner := name.removeprefix("test.").rpartition(".")[0]) in RULES
    }
    return Frozen(len(reasons), reasons)
