"""The subject's process: it reads cases from a pipe, plays them, and writes what it saw.

Started as `python -m normspec.conformance.child NAME SECONDS_TO_START SECONDS BYTES LIKE DEVICE`, LIKE being a native layer or nothing.
What the subject prints goes to standard error, which the judge has made a log file. It dies with the judge, by the system where that can
be asked (Linux), and by a timer that needs no interpreter lock everywhere.
"""

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from normspec.conformance.environment import flags, versions
from normspec.conformance.hygiene import changes, state
from normspec.conformance.play import Seen, play
from normspec.conformance.wire import DTYPES, receive_case, send
from normspec.errors import NormspecError, NotFound, Unsupported
from normspec.load import load
from normspec.records import Case, Implementation, Situation

SLACK = 10
"""Seconds after the judge's own limit at which an orphan ends itself."""


def main(name: str, start: float, seconds: float, memory: int, like: str, device: str) -> None:
    """Serve cases until the pipe ends."""
    cases, answers = _take_pipes()
    sys.path.append(str(Path.cwd()))  # last, so that a module of the user's is found and hides nothing
    die_with_parent()
    limit_memory(memory)
    faulthandler.enable(file=2)  # not sys.stderr, which is the subject's to change
    faulthandler.dump_traceback_later(start + SLACK, exit=True, file=2)
    try:
        implementation = load(name, like)
        require_device(implementation, device)
    except NormspecError as reason:
        send(answers, {"refused": str(reason)})
        return
    itself, begun = os.getpid(), state()
    takes = {"layouts": list(implementation.layouts), "shards": implementation.shards}
    said = {"name": implementation.name, "version": implementation.version, "takes": takes}
    send(answers, {**said, "versions": versions(), "flags": flags()})
    with contextlib.suppress(EOFError):
        while True:
            faulthandler.cancel_dump_traceback_later()
            case = receive_case(cases)
            faulthandler.dump_traceback_later(seconds + SLACK, exit=True, file=2)
            texts, arrays = answer_to(case, implementation)
            texts |= {"changed": told} if (told := changes(begun)) else {}
            if os.getpid() != itself:  # a fork by the subject that came back: one process answers
                os._exit(0)
            send(answers, texts, arrays)


def require_device(implementation: Implementation, device: str) -> None:
    """Refuse a device on which there can be no array.

    Raises
    ------
    NotFound
        With what the library says of it.
    """
    situation = Situation(shape=(1,), dtype="float32", parameter_dtype="float32", device=device)
    try:
        implementation.asnumpy(implementation.asarray(np.ones(1, np.float32), situation))
    except Exception as error:  # noqa: BLE001 - every library has its own
        why = str(error).partition("\n")[0]
        raise NotFound(f"device must be one on which {implementation.name} can have arrays, got {device!r}: {why}") from None


def answer_to(case: Case, implementation: Implementation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what an implementation shows in a case, texts and arrays apart; whatever it raises is a text."""
    try:
        return _sorted(play(case, implementation))
    except Unsupported as reason:
        return {"unsupported": str(reason)}, {}
    except BaseException as error:  # noqa: BLE001 - SystemExit from a subject is one more thing that was seen
        return {"raised": f"{type(error).__name__}: {error}"}, {}


def _sorted(seen: Seen) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give texts and arrays apart; what is no array of a known dtype becomes a text that says so."""
    texts, arrays = {}, {}
    for name, value in seen.items():
        if isinstance(value, str):
            texts[name] = value
            continue
        array = np.asarray(value)
        if array.dtype.name in DTYPES:
            arrays[name] = array
        else:
            texts[name] = f"is a {type(value).__name__} of dtype {array.dtype}, must be an array of {', '.join(DTYPES)}"
    return {"seen": texts}, arrays


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes under numbers of our own; let standard input be empty and standard output be the log."""
    cases, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    return cases, answers


def die_with_parent() -> None:
    """Ask Linux to kill this process when the judge dies, however it dies."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def limit_memory(memory: int) -> None:
    """Let allocations beyond this many bytes fail as MemoryError, where the system can: data, not reserved address space."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
