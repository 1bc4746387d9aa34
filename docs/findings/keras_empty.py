"""Keras on OpenVINO: the process ends at an x of no samples, for the numbers of x less its mean are written where there is no room."""

import os
import subprocess
import sys

script = """
import keras
import numpy as np

y = keras.layers.LayerNormalization()(np.zeros((0, 7), "float32"))
print("called; y has the shape", y.shape, flush=True)
print(keras.ops.convert_to_numpy(y).shape)
"""
command, environment = [sys.executable, "-c", script], {**os.environ, "KERAS_BACKEND": "openvino"}
ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - the script above
# What is written where there is no room decides how it ends: the allocator's message and a signal, or a signal alone.
print(ended.stdout, ended.stderr.strip().rpartition("\n")[2], f"it ends with {ended.returncode}")
assert ended.returncode < 0
