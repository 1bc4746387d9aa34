"""What a result depends on besides the implementation: versions of everything loaded, and the flags it ran under."""

import contextlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from normspec.conformance.hygiene import flushed

VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "JAX_ENABLE_X64",
    "KERAS_BACKEND",
    "MKL_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "TF_ENABLE_ONEDNN_OPTS",
    "XLA_FLAGS",
)
"""Environment variables that change numbers."""


def versions() -> dict[str, str]:
    """Give the version of everything loaded that is a distribution, and of Python."""
    found = {"python": platform.python_version()}
    for name in sorted({n.partition(".")[0] for n, m in sys.modules.items() if isinstance(m, ModuleType)}):
        with contextlib.suppress(PackageNotFoundError, ValueError):
            found[name] = version(name)
    return found


def flags() -> dict[str, Any]:
    """Give the machine, whether subnormal numbers are flushed to zero, and the variables that are set."""
    set_ = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    return {"system": platform.system(), "machine": platform.machine(), "flush_to_zero": flushed(), **set_}
