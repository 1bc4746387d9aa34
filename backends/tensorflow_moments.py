"""What layers on TensorFlow have in common that take their variance from tf.nn.moments. Imports no framework.

There the deviations are from a mean that counts as a constant. That changes no gradient, for the deviations add up to 0, but the gradient
of the gradient: the mean does not move there.
"""

from typing import Any

import numpy as np

from normspec.records import Arrays, Case


def told(layer: str, *dtypes: str) -> dict[str, Any]:
    """Give what the rows of such a layer say, of these dtypes, or of float64 and float32."""
    return {
        "title": f"The second derivative of {layer} norm is wrong: tf.nn.moments takes its mean for a constant in the variance",
        "cases": "*",
        "dtypes": tuple((dtype, dtype) for dtype in dtypes or ("float64", "float32")),
        "quantities": {"tangent.dx": 1.0},
        "value": with_a_mean_that_stays,
        "promise": "GradientTapes can be nested to compute higher-order derivatives.",
        "source": "https://www.tensorflow.org/api_docs/python/tf/GradientTape",
        "upstream": "none found; https://github.com/tensorflow/tensorflow/pull/19609 says of the constant that it changes no gradient",
    }


def with_a_mean_that_stays(case: Case, seen: Arrays) -> Arrays:
    """Give the derivatives of dx along w less 1 / divisor^2 times the means of h times the normalized x, and of w."""
    found = {}
    for k, step in enumerate(case.steps):
        if step.direction is None or (getattr(case.spec, "running", None) is not None and step.mode != "train"):
            continue
        at = case.spec.geometry(step.inputs["x"].shape)
        x, dy, w = (np.asarray(a, np.float64).reshape(at.view) for a in (step.inputs["x"], step.cotangent, step.direction))
        h = dy * (np.asarray(case.values["scale"], np.float64).reshape(at.broadcast) if "scale" in case.values else 1.0)
        spread = x - x.mean(axis=at.axes, keepdims=True)
        inverse = 1 / np.sqrt((spread**2).mean(axis=at.axes, keepdims=True) + case.spec.epsilon)
        through = inverse**2 * (h * spread * inverse).mean(axis=at.axes, keepdims=True) * w.mean(axis=at.axes, keepdims=True)
        exact = seen[f"{k}.tangent.dx"]
        found[f"{k}.tangent.dx"] = exact - np.broadcast_to(through, at.view).reshape(exact.shape)
    return found
