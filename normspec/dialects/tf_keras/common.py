"""What several layers of Keras 2 have in common, beside what they share with Keras 3 (normspec/dialects/keras/common.py)."""

from normspec.records import Situation

DOCS = "https://keras.io/2/api/layers/normalization_layers/"
OF_EVERY_LAYER = ("trainable", "name", "dtype", "dynamic")


def as_list(axes: tuple[int, ...]) -> int | list[int]:
    """Give an `axis` of these axes: one as itself, several as a list."""
    return axes[0] if len(axes) == 1 else list(axes)


def one_dtype(situation: Situation) -> bool:
    """Tell whether x and the parameters have one dtype, as they have where precision is not mixed."""
    return situation.dtype == situation.parameter_dtype
