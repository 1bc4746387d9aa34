"""The subject seen from the judge: a child process that may crash, hang, or flood its output, and costs the case in hand only."""

import contextlib
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, cast

from normspec.conformance.wire import receive, send_case
from normspec.errors import NormspecError
from normspec.records import Case

START = 120.0
"""Seconds that an import may take."""


class Answer(NamedTuple):
    """What a subject says of a case: texts (`seen`, or `unsupported`, `raised`, `died` alone) and arrays."""

    texts: dict[str, Any]
    arrays: dict[str, Any]


class NotStarted(NormspecError):  # noqa: N818 - reads as what it says
    """The subject could not be imported; the message is the end of its log."""


@dataclass
class Subject:
    """One implementation in its own process."""

    name: str
    log: BinaryIO
    timeout: float = 60.0
    memory: int = 8 << 30
    python: str = sys.executable
    process: subprocess.Popen[bytes] | None = None
    frames: queue.Queue[Answer | None] = field(default_factory=queue.Queue)

    def start(self) -> dict[str, Any]:
        """Start the process and give what it says of itself: name, version, versions of everything loaded.

        Raises
        ------
        NotStarted
            Where it ends or hangs before it has said so.
        """
        command = [self.python, "-m", "normspec.conformance.child", self.name, str(self.timeout), str(self.memory)]
        began = self.log.tell()
        self.frames = queue.Queue()
        self.process = subprocess.Popen(  # noqa: S603 - the user's own interpreter and the name that the user gave
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True
        )
        threading.Thread(target=_listen, args=(self.process.stdout, self.frames), daemon=True).start()
        answer = self._wait(max(self.timeout, START))
        if "died" in answer.texts:
            raise NotStarted(f"{self.name} could not be started: it {answer.texts['died']}{self._tail(began)}")
        return answer.texts

    def ask(self, case: Case) -> None:
        """Send a case. The subject plays it while the judge does other things."""
        if self.process is None:
            self.start()
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            send_case(cast("BinaryIO", self.process.stdin), case)
        except OSError:  # it has died since; `answer` will say how
            return

    def answer(self) -> Answer:
        """Give the answer to the case sent last; a process that has died or hangs is ended, and the next `ask` starts another."""
        return self._wait(self.timeout)

    def _wait(self, seconds: float) -> Answer:
        try:
            answer = self.frames.get(timeout=seconds)
        except queue.Empty:
            self.close()
            return Answer({"died": f"took longer than {seconds:g} s and was killed"}, {})
        if answer is None:  # the pipe has ended: so has the process, or it is about to
            return Answer({"died": _how(self.close(grace=5))}, {})
        return answer

    def close(self, grace: float = 0) -> int:
        """End the process, whatever it is doing, and give its return code; one that ends by itself has `grace` seconds."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        try:
            process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # a frame half sent to the dead
                assert pipe is not None
                pipe.close()
        return process.wait()

    def _tail(self, began: int) -> str:
        """Give the end of what was logged since."""
        with open(self.log.name, "rb") as log:  # noqa: PTH123 - the log's own name, as it was opened
            log.seek(began)
            lines = log.read().decode(errors="replace").strip().splitlines()[-8:]
        return "".join(f"\n    {line}" for line in lines)


def _listen(stream: BinaryIO, frames: queue.Queue[Answer | None]) -> None:
    try:
        while True:
            frames.put(Answer(*receive(stream)))
    except (EOFError, OSError, ValueError):
        frames.put(None)


def _how(code: int) -> str:
    if code < 0:
        return f"crashed with {signal.Signals(-code).name}"
    return f"ended by itself with exit code {code}"
