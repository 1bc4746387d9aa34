"""One case for every layer in which each neighbouring meaning gives other numbers, and what else a field needs for that."""

from dataclasses import replace

import numpy as np

from normspec import layers
from normspec.layers.fields import arrays_of

EXACT = {"statistics_dtype": "input"}
ACCURATE = {"variance": "two_pass", "correction": 1, **EXACT}
DIVISOR = {"epsilon": 0.5, "epsilon_place": "outside"}
LEARNED = {"scale": True, "shift": True, "output_dtype": "input"}
RUNNING = layers.Running(rate=0.25, start="first", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
AXES = {"axes": (1,), "parameter_axes": (2,)}
WINDOW = {"before": 1, "after": 1, "coefficient": 0.125, "exponent": 0.75, "bias": 1.0, "edges": "zeros"}
CORRECTED = {"renorm_rate": 0.75, "floor": True, "r_min": 0.5, "r_max": 1.25, "d_max": 0.25}
ITERATED = {"iterations": 1, "first": "u", "evaluation": "kept", "replaces": False, "warm_up": 0}

SPECS_APART = {
    "batch_renorm": layers.BatchRenorm(
        channel_axes=(1,), epsilon=0.5, averaged="both", running=RUNNING, one_value="refuse", **CORRECTED, **ACCURATE, **LEARNED
    ),
    "ghost_batch_norm": layers.GhostBatchNorm(
        channel_axes=(1,),
        ghost_size=2,
        grouping="contiguous",
        running=RUNNING,
        observed="each",
        one_value="refuse",
        **ACCURATE,
        **DIVISOR,
        **LEARNED,
    ),
    "instance_norm": layers.InstanceNorm(
        batch_axes=(0,), channel_axes=(1,), running=RUNNING, one_value="refuse", **ACCURATE, **DIVISOR, **LEARNED
    ),
    "group_norm": layers.GroupNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        groups=2,
        grouping="contiguous",
        scale_per="channel",
        one_value="refuse",
        **ACCURATE,
        **DIVISOR,
        **LEARNED,
    ),
    "rms_norm": layers.RMSNorm(fraction=1.0, rounding="last", **AXES, **DIVISOR, **LEARNED, **EXACT),
    "lp_norm": layers.LpNorm(axes=(1,), order=2.0, at_zero="zero", **DIVISOR, **EXACT),
    "local_response_norm": layers.LocalResponseNorm(channel_axes=(1,), **WINDOW, **EXACT),
    "mean_variance_norm": layers.MeanVarianceNorm(axes=(0, 2), divide=True, **DIVISOR, **ACCURATE),
    "feature_norm": layers.FeatureNorm(
        channel_axes=(1,), observes=True, invert=False, zero_variance="divisor", correction=1, **DIVISOR, **EXACT
    ),
    "weight_norm": layers.WeightNorm(channel_axes=(0,), scale=True, initial_scale="one", **DIVISOR, **EXACT),
    "spectral_norm": layers.SpectralNorm(channel_axes=(0,), **ITERATED, **DIVISOR, **EXACT),
    "scale_norm": layers.ScaleNorm(axes=(1,), initial_scale="root", output_dtype="input", **DIVISOR, **EXACT),
    "dynamic_tanh": layers.DynamicTanh(parameter_axes=(2,), initial_alpha=0.5, **LEARNED, **EXACT),
    "global_response_norm": layers.GlobalResponseNorm(axes=(1,), channel_axes=(0,), epsilon=0.5, **LEARNED, **EXACT),
    "filter_response_norm": layers.FilterResponseNorm(
        axes=(1,), parameter_axes=(2,), epsilon=0.5, offset=True, initial_offset=0.25, threshold=True, **LEARNED, **EXACT
    ),
    "conditional_instance_norm": layers.ConditionalInstanceNorm(
        batch_axes=(0,), channel_axes=(1,), one_value="refuse", output_dtype="input", **ACCURATE, **DIVISOR
    ),
    "conditional_batch_norm": layers.ConditionalBatchNorm(
        batch_axes=(0,), channel_axes=(1,), running=RUNNING, one_value="refuse", output_dtype="input", **ACCURATE, **DIVISOR
    ),
    "full_norm": layers.FullNorm(channel_axes=(1,), epsilon=0.5, rate=0.25, **LEARNED, **EXACT),
    "batch_layer_norm": layers.BatchLayerNorm(
        epsilon=0.5,
        delta=0.25,
        batch_delta="minus",
        population_batch_mean=True,
        population_batch_variance=True,
        population_feature_mean=False,
        population_feature_variance=False,
        **LEARNED,
        **EXACT,
    ),
    "adaptive_instance_norm": layers.AdaptiveInstanceNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        style_epsilon=0.25,
        correction=1,
        style_correction=1,
        one_value="refuse",
        statistics_dtype="widened",
        **DIVISOR,
    ),
    "weight_standardization": layers.WeightStandardization(channel_axes=(0,), scale=True, output_dtype="input", **DIVISOR, **ACCURATE),
}
BORN = ("initial_mean", "initial_variance", "initial_scale", "initial_alpha", "initial_offset", "warm_up")
WITHOUT_NUMBERS = ("statistics_dtype", "output_dtype", "state_dtype", "variance", *BORN)
"""Fields that say of what dtype, how accurate, or what is born: no step from given values shows them, or not in exact scalars."""

USUAL = {"group_norm": (3, 4, 3), "local_response_norm": (4, 4, 4), "ghost_batch_norm": (6, 3, 3)}
"""The shapes of x, where three times three times three does not do."""

ELSEWHERE = {
    ("batch_renorm", "one_value"): (1, 3, 1),
    ("instance_norm", "one_value"): (3, 3, 1),
    ("ghost_batch_norm", "one_value"): (6, 3, 1),
    ("conditional_instance_norm", "one_value"): (3, 3, 1),
    ("conditional_batch_norm", "one_value"): (1, 3, 1),
    ("adaptive_instance_norm", "one_value"): (3, 3, 1),
    ("group_norm", "one_value"): (3, 2, 1),
    ("group_norm", "groups"): (3, 6, 3),
    ("group_norm", "grouping"): (3, 4, 3),
    ("group_norm", "channel_axes"): (4, 4, 4),
}
"""The shapes where the usual one does not tell neighbours apart."""

INSTEAD = {
    ("batch_renorm", "floor"): {"r_min": 0.0, "r_max": None, "d_max": None},
    ("batch_renorm", "r_min"): {"r_min": 4.0, "r_max": None},
    ("lp_norm", "at_zero"): {"epsilon": 0.0, "epsilon_place": "inside"},
    ("mean_variance_norm", "divide"): {"epsilon": 0.0, "epsilon_place": "inside", "correction": 0},
    ("feature_norm", "observes"): {"correction": 0},
    ("ghost_batch_norm", "one_value"): {"ghost_size": 1},
}
"""What else differs from the usual spec, where neighbours exist only there."""


def apart(layer, path):
    """Give a spec, a shape, values and steps in which no two axes and no two steps are alike, some values being 0."""
    spec = replace(SPECS_APART[layer], **INSTEAD.get((layer, path), {}))
    shape = ELSEWHERE.get((layer, path), USUAL.get(layer, (3, 3, 3)))
    numbers = iter(np.random.default_rng(1).standard_normal(4000))

    def some(*sizes):
        return np.array([next(numbers) for _ in range(int(np.prod(sizes)))]).reshape(sizes)

    slots = arrays_of(spec, shape)
    values = {name: np.asarray(2) if slot.role == "count" else some(*slot.shape) for name, slot in slots.items()}
    values |= {name: a**2 for name, a in values.items() if name.endswith(("variance", "deviation"))}
    for name, a in values.items():
        if name.endswith(("variance", "deviation")):
            a[0] = 0
    steps = [(mode, some(*shape), some(*shape), None) for mode in ("train", "evaluate", "freeze", "train")]
    for _, x, _, _ in steps:
        x[0, :, 0] = 0
    if "update" in spec.laws:
        steps.insert(2, ("observe", some(*shape), some(*shape), None))
    return spec, shape, values, steps
