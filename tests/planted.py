"""Implementations that conform except where they misbehave, for test_subject.py: `planted:loops_in_c` and so on.

Each is the reference, but the second layer that its process builds does something else first, at one place and once; where the
process must be started again, the count begins again.
"""

import collections
import contextlib
import ctypes
import functools
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


@dataclass
class Acting:
    """A layer of the reference that acts at one place, once."""

    layer: Any
    place: str
    act: Any

    def at(self, place):
        if place == self.place:
            self.place = ""
            self.act()

    def load(self, values):
        self.at("load")
        self.layer.load(values)

    def forward(self, inputs, mode):
        self.at("forward")
        y, pullback = self.layer.forward(inputs, mode)
        return y, lambda dy: self.at("pullback") or pullback(dy)

    def read(self):
        self.at("read")
        return self.layer.read()


def acting(act, place="forward", chosen=(2).__eq__):
    """Give the reference, acting in the layers whose number in this process is chosen."""
    numbers = itertools.count(1)

    def build(spec, situation):
        layer = Acting(GOOD.build(spec, situation), place if chosen(next(numbers)) else "", act)
        layer.at("build")
        return layer

    return replace(GOOD, name="planted", build=build)


def throwing(error, place="forward"):
    def throw():
        raise error

    return acting(throw, place)


def segfault():
    ctypes.string_at(0)


def python_loop():
    os.write(2, b"the loop begins\n")
    while True:
        pass


def c_loop():
    os.write(2, b"the loop begins\n")
    collections.deque(itertools.repeat(None), maxlen=0)


def loop_between_cases():
    """Hold the interpreter's lock for ever, from when the main thread next waits for the judge."""
    main = threading.main_thread().ident

    def wait():
        while sys._current_frames()[main].f_code.co_name != "_exactly":  # noqa: SLF001 - there is no public way
            time.sleep(0)
        c_loop()

    threading.Thread(target=wait, daemon=True).start()


def noise():
    for number, word in ((1, b"out of C\n"), (2, b"err of C\n")):
        for _ in range(16):
            os.write(number, word * 18_000)
    for stream, word in ((sys.stdout, "out of Python\n"), (sys.stderr, "err of Python\n")):
        stream.write(word * 180_000)


def close(numbers):
    for number in numbers:
        with contextlib.suppress(OSError):
            os.close(number)


def babble():
    """Write to every file that is open, the judge's pipe among them."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(number, b"garbage " * 9)


def fork(act):
    """Leave a process behind that has our pipes, and act."""
    if os.fork() == 0:
        time.sleep(600)
    act()


def unsettle():
    np.seterr(all="raise")
    os.environ.clear()
    os.chdir("/")
    sys.stdout = sys.stderr = None


def kill(number):
    os.kill(os.getpid(), number)


class UnprintableError(Exception):
    def __str__(self):
        raise self


segfaults = acting(segfault, chosen=lambda number: number % 3 == 0)
loops_in_python = acting(python_loop)
loops_in_c = acting(c_loop)
loops_between_cases = acting(loop_between_cases)
stops = acting(functools.partial(kill, signal.SIGSTOP))
dies_of_a_nameless_signal = acting(functools.partial(kill, 40))
exits = throwing(SystemExit(0))
exits_at_once = acting(functools.partial(os._exit, 0))
interrupts = throwing(KeyboardInterrupt())
raises_in_build, raises_in_load, raises_in_forward, raises_in_pullback, raises_in_read = (
    throwing(RuntimeError("planted"), place) for place in ("build", "load", "forward", "pullback", "read")
)
raises_what_no_terminal_prints = throwing(RuntimeError("a\udcffb\x1b[31m\nc [/red]"))
raises_what_cannot_be_printed = throwing(UnprintableError())
noisy = acting(noise)
greedy = acting(functools.partial(np.empty, 1 << 28))
closes_its_streams = acting(functools.partial(close, (0, 1)))
closes_everything = acting(functools.partial(close, range(256)))
babbles = acting(babble)
unsettles = acting(unsettle)
forks_and_crashes = acting(functools.partial(fork, segfault))
forks_and_loops = acting(functools.partial(fork, c_loop))
forks_and_both_go_on = acting(os.fork)
