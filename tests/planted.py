"""The reference, conforming except where it misbehaves: `planted:segfaults` and so on, for test_subject.py.

Each misbehaves in every third layer that its process builds, or in the second alone, and always before the case's answer.
"""

import collections
import ctypes
import itertools
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import normspec

GOOD = normspec.load("reference:numpy")
SECOND, EVERY_THIRD = (lambda n: n == 2), (lambda n: n % 3 == 0)


@dataclass
class Acting:
    """A layer of the reference that does something else first, at one place."""

    layer: Any
    act: Any
    place: str

    def load(self, values):
        self.at("load")
        self.layer.load(values)

    def forward(self, inputs, mode):
        self.at("forward")
        y, pullback = self.layer.forward(inputs, mode)
        return y, pullback and (lambda dy: self.at("pullback") or pullback(dy))

    def read(self):
        self.at("read")
        return self.layer.read()

    def at(self, place):
        if place == self.place:
            self.act()


def acting(act, place="forward", when=SECOND):
    number = itertools.count(1)

    def build(spec, situation):
        chosen = when(next(number))
        if chosen and place == "build":
            act()
        return Acting(GOOD.build(spec, situation), act, place if chosen else "")

    return replace(GOOD, name="planted", build=build)


def giving(turn):
    """Give y turned into something else, in the second layer."""
    made = []

    def build(spec, situation):
        made.append(GOOD.build(spec, situation))
        return Turned(made[-1], turn) if len(made) == 2 else made[-1]

    return replace(GOOD, name="planted", build=build, asnumpy=lambda a: a)


@dataclass
class Turned:
    """A layer of the reference whose y is turned into something else."""

    layer: Any
    turn: Any

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def forward(self, inputs, mode):
        y, pullback = self.layer.forward(inputs, mode)
        return self.turn(y), pullback


def segfault():
    os.kill(os.getpid(), signal.SIGSEGV) if sys.platform == "win32" else ctypes.string_at(0)


def python_loop():
    while True:
        pass


def c_loop():
    """Hold the interpreter's lock for ever and look at no signal: a test proves it."""
    os.write(2, b"the loop begins\n")
    collections.deque(itertools.repeat(None), maxlen=0)


def noise():
    for fd, word in ((1, b"out of C\n"), (2, b"err of C\n")):
        for _ in range(160):
            os.write(fd, word * 3641)
    for stream, word in ((sys.stdout, "out of Python\n"), (sys.stderr, "err of Python\n")):
        stream.write(word * 400_000)


def greed():
    np.ones(1 << 28)


def close_standard_streams():
    os.close(0)
    os.close(1)


def close_everything():
    os.closerange(0, 256)


def babble():
    """Write to every file that is open, the judge's pipe among them."""
    for fd in range(3, 64):
        try:
            os.write(fd, b"\x7fgarbage" * 9)
        except OSError:
            continue


def unsettle():
    np.seterr(all="raise")
    os.environ.clear()
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.clear()
    sys.stdout = sys.stderr = None


def fork_and_crash():
    if os.fork() == 0:
        time.sleep(600)
    segfault()


def fork_and_loop():
    if os.fork() == 0:
        time.sleep(600)
    python_loop()


def fork_and_go_on():
    os.fork()


def loop_later():
    """Answer the case, and hang afterwards, before the next one is read."""
    threading.Timer(0.2, c_loop).start()


class Unprintable(Exception):
    def __str__(self):
        raise self


def throw(error):
    raise error


def planted_error(text="planted"):
    return lambda: throw(RuntimeError(text))


segfaults = acting(segfault, when=EVERY_THIRD)
loops_in_python = acting(python_loop)
loops_in_c = acting(c_loop)
raises_in_build = acting(planted_error(), "build")
raises_in_load = acting(planted_error(), "load")
raises_in_forward = acting(planted_error())
raises_in_pullback = acting(planted_error(), "pullback")
raises_in_read = acting(planted_error(), "read")
raises_surrogates = acting(planted_error("a\udcffb\x1b[31m\nsecond line\u2028 [red]"))
raises_unprintable = acting(lambda: throw(Unprintable()))
noisy = acting(noise)
greedy = acting(greed)
exits = acting(lambda: sys.exit(0))
exits_at_once = acting(lambda: os._exit(0))
interrupts = acting(lambda: throw(KeyboardInterrupt()))
closes_standard_streams = acting(close_standard_streams)
closes_everything = acting(close_everything)
babbles = acting(babble)
unsettles = acting(unsettle)
forks_and_crashes = acting(fork_and_crash)
forks_and_loops = acting(fork_and_loop)
forks_and_goes_on = acting(fork_and_go_on)
loops_later = acting(loop_later, "build", lambda n: n == 2)
dies_of_a_strange_signal = acting(lambda: os.kill(os.getpid(), 40))
stops = acting(lambda: os.kill(os.getpid(), signal.SIGSTOP))
nan = giving(lambda y: np.full_like(y, np.nan))
infinite = giving(lambda y: np.full_like(y, -np.inf))
scalar = giving(lambda _: np.float32(1))
objects = giving(lambda y: y.astype(object))
as_list = giving(lambda y: y.tolist())
ragged = giving(lambda _: [[1.0], [1.0, 2.0]])
text = giving(lambda _: "abc")
nothing = giving(lambda _: {})
big_endian = giving(lambda y: y.astype(y.dtype.newbyteorder(">")))
