"""The subject seen from the judge: a child process that may crash, hang, or flood its output, and costs the case in hand only."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from normspec.conformance.wire import receive, send_case
from normspec.errors import NormspecError
from normspec.records import Case

START = 120.0
"""Seconds that an import may take."""
GRACE = 5.0
"""Seconds in which a process ends once its pipe has ended."""
LAST_WORDS = 1.0
"""Seconds in which what a process has written arrives once it has ended."""
TAIL = 8
"""Lines of the log that a message shows."""


class Answer(NamedTuple):
    """What a subject says of a case: texts (`seen`, or `unsupported`, `raised`, `died` alone) and arrays."""

    texts: dict[str, Any]
    arrays: dict[str, Any]


class Stopped(Exception):  # noqa: N818 - reads as what it says
    """Another thread wants no more of the subject."""


class NotStarted(NormspecError):  # noqa: N818 - reads as what it says
    """The subject could not be imported; the message is the end of its log."""


@dataclass
class Subject:
    """One implementation in its own process. Where another thread has `stopped` it, whoever waits for it is told so by `Stopped`."""

    name: str
    log: BinaryIO
    timeout: float = 60.0
    memory: int = 8 << 30
    python: str = sys.executable
    like: str = ""
    device: str = "cpu"
    process: subprocess.Popen[bytes] | None = None
    began: int = 0
    stopped: bool = False
    frames: queue.Queue[Answer | None] = field(default_factory=queue.Queue)

    @property
    def limit(self) -> float:
        """Seconds that starting may take."""
        return max(self.timeout, START)

    def launch(self) -> None:
        """Let the process begin, without waiting for it.

        On Linux it dies with the thread that launches it: do so from one that lasts as long.

        Raises
        ------
        NotStarted
            Where the interpreter cannot be run.
        """
        self.began = self.log.tell()
        told = (self.name, str(self.limit), str(self.timeout), str(self.memory), self.like, self.device)
        command = [self.python, "-P", "-m", "normspec.conformance.child", *told]
        self.frames = queue.Queue()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the user's own interpreter and the name that the user gave
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True
            )
        except OSError as error:
            raise NotStarted(f"python must be an interpreter that can be run, got {self.python!r}: {error.strerror}") from None
        threading.Thread(target=_listen, args=(self.process.stdout, self.frames), daemon=True).start()

    def start(self) -> dict[str, Any]:
        """Launch the process, if it is not, and give what it says of itself: name, version, versions of everything loaded.

        Raises
        ------
        NotStarted
            Where it ends or hangs before it has said so.
        """
        if self.process is None:
            self.launch()
        answer = self._wait(self.limit)
        if "refused" in answer.texts:
            raise NotStarted(answer.texts["refused"])
        if "died" in answer.texts:
            raise NotStarted(f"{self.name} could not be started: it {answer.texts['died']}{self._tail(self.began)}")
        return answer.texts

    def ask(self, case: Case) -> None:
        """Send a case. The subject plays it while the judge does other things."""
        if self.process is None:
            self.start()
        assert self.process is not None
        self.log.write(f"== {case.id}\n".encode())
        self.log.flush()
        threading.Thread(target=_tell, args=(self.process.stdin, case), daemon=True).start()  # the subject may hang before it reads

    def play(self, case: Case) -> Answer:
        """Send a case and give the answer to it."""
        self.ask(case)
        return self.answer()

    def answer(self) -> Answer:
        """Give the answer to the case sent last; a process that has died or hangs is ended, and the next `ask` starts another."""
        return self._wait(self.timeout)

    def _wait(self, seconds: float) -> Answer:
        try:
            answer = self._frame(seconds)
        except queue.Empty:
            self.close()
            return Answer({"died": f"took longer than {seconds:g} s and was killed"}, {})
        if answer is None:  # the pipe has ended: so has the process, or it is about to
            return Answer({"died": _how(self.close(grace=GRACE))}, {})
        if "died" in answer.texts:
            self.close()
        return answer

    def _frame(self, seconds: float) -> Answer | None:
        """Give what the pipe brings next. A process that has ended may have left the pipe open in the hands of its children."""
        assert self.process is not None
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            if self.stopped:
                raise Stopped
            left = max(until - time.monotonic(), 0)
            try:
                return self.frames.get(timeout=min(left, 0.5))
            except queue.Empty:
                if left <= 0:
                    raise
        with contextlib.suppress(queue.Empty):
            return self.frames.get(timeout=LAST_WORDS)
        return None

    def close(self, grace: float = 0) -> int:
        """End the process and its children, whatever they do, and give its return code; to end by itself it has `grace` seconds."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=grace)
        finally:  # Ctrl-C is one way out
            _kill(process)
        with contextlib.suppress(OSError):  # a frame half sent to the dead
            assert process.stdin is not None
            process.stdin.close()  # `_listen` closes the other
        return process.wait()

    def _tail(self, began: int) -> str:
        """Give the end of what was logged since, or the beginning of what a crash has left, which has the last call first."""
        with open(self.log.name, "rb") as log:  # noqa: PTH123 - the log's own name, as it was opened
            log.seek(began)
            lines = log.read().decode(errors="replace").strip().splitlines()
        crash = next((k for k, line in enumerate(lines) if line.startswith("Fatal Python error")), len(lines))
        return "".join(f"\n    {line}" for line in lines[crash:][:TAIL] or lines[-TAIL:])


def _tell(stream: BinaryIO, case: Case) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has died since; `answer` will say how
        send_case(stream, case)


def _listen(stream: BinaryIO, frames: queue.Queue[Answer | None]) -> None:
    with stream:
        try:
            while True:
                frames.put(Answer(*receive(stream)))
        except (EOFError, OSError):
            frames.put(None)
        except Exception as error:  # noqa: BLE001 - garbage, which the subject has written into our pipe, has no type
            frames.put(Answer({"died": f"wrote into the judge's pipe and was killed ({type(error).__name__})"}, {}))


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a session of its own
    process.kill()


def _how(code: int) -> str:
    if code < 0:
        return f"crashed with {({s.value: s.name for s in signal.Signals}).get(-code, f'signal {-code}')}"
    return f"ended by itself with exit code {code}"
