"""Runs every reproduction under an interpreter that has earlier releases, and keeps in earlier.json whether it happens there, too.

`python docs/earlier.py PYTHON FRAMEWORK ...`: PYTHON has NumPy and the frameworks named. Findings of other frameworks stay as they are.
"""  # noqa: INP001 - a script

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from normspec.deviation import Deviation
from normspec.load import BACKENDS, findings

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "docs/earlier.json"
PACKAGES = {"keras": ("keras", "tensorflow-cpu", "jax", "torch", "openvino"), "flax": ("flax", "jax"), "tensorflow": ("tensorflow-cpu",)}
PACKAGES |= {
    "haiku": ("dm-haiku", "jax"),
    "equinox": ("equinox", "jax"),
    "onnx": ("onnx", "onnxruntime"),
    "transformers": ("transformers", "torch"),
    "paddle": ("paddlepaddle",),
}
"""Packages whose versions a framework's findings may depend on; of others, the one of its name."""
BACKEND_OF = {"tensorflow": "tensorflow-cpu"}
VERSIONS = "import importlib.metadata as m, sys; print(*(m.version(p) for p in sys.argv[1:]))"


def main(python: str, *names: str) -> str | None:
    """Run, write, and tell what went wrong, if anything did."""
    if not names or not set(names) <= set(BACKENDS):
        return f"give an interpreter, then frameworks out of {', '.join(BACKENDS)}; got {' '.join(names) or 'none'}"
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in names:
        for row in findings(name):
            for backend in sorted({n.partition(":")[2] for n in row.implementations}) if name == "keras" and row.implementations else [""]:
                key = f"{row.id}{'@' + backend if backend else ''}"
                kept[key] = {"release": _release(python, name, backend), "happens": _happens(python, row, backend)}
                print(key, kept[key])  # noqa: T201 - it takes minutes
                KEPT.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")
    return None


def _release(python: str, name: str, backend: str) -> str:
    """Give names and versions of what a reproduction imports."""
    packages = ("keras", *((BACKEND_OF.get(backend, backend),) if backend != "numpy" else ())) if backend else PACKAGES.get(name, (name,))
    found = _run([python, "-c", VERSIONS, *packages], backend).stdout.split()
    return ", ".join(f"{package} {version.partition('+')[0]}" for package, version in zip(packages, found, strict=True))


def _happens(python: str, row: Deviation, backend: str) -> str:
    """Give yes, no, or how a reproduction ends elsewhere than at its last assertion, which is of the finding itself."""
    script = ROOT / row.reproduction
    done = _run([python, str(script)], backend)
    if done.returncode == 0:
        return "yes"
    lines = script.read_text(encoding="utf-8").splitlines()
    ended = [int(number) for number in re.findall(rf'File "{re.escape(str(script))}", line (\d+), in <module>', done.stderr)]
    last = max(k for k, line in enumerate(lines, 1) if line.startswith("assert "))
    if ended[-1:] == [last]:
        return "no"
    where = lines[ended[-1] - 1].strip() if ended else "its import"
    return f"it ends at `{where}`: {(done.stderr.strip().splitlines() or [''])[-1]}"


def _run(command: list[str], backend: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KERAS_BACKEND": backend} if backend else dict(os.environ)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)  # noqa: S603 - our own scripts


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
