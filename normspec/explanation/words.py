"""Words that people say, and the fields, laws and modes that they are about. What frameworks say themselves is in the dialects."""

ARRAYS = {
    "scale": ("scale", "scale_per", "initial_scale"),
    "shift": ("shift",),
    "alpha": ("initial_alpha", "gradient.alpha"),
    "threshold": ("threshold", "gradient.threshold"),
    "offset": ("offset", "initial_offset", "gradient.offset"),
    "style": ("gradient.style", "style_epsilon", "style_correction"),
    "running_mean": ("running", "running.rate", "running.initial_mean"),
    "running_variance": ("running", "running.rate", "running.correction", "running.initial_variance"),
    "running_deviation": ("averaged", "running.rate", "running.initial_variance"),
    "renorm_mean": ("renorm_rate", "running.initial_mean"),
    "renorm_deviation": ("renorm_rate", "averaged", "floor"),
    "renorm_variance": ("renorm_rate", "averaged"),
    "mean": ("observes", "update"),
    "variance": ("observes", "update"),
    "count": ("count", "running.start"),
    "u": ("first", "iterations", "evaluation", "warm_up"),
    "v": ("first", "iterations", "evaluation", "warm_up"),
}
"""Our names of arrays, and what the clauses say of each."""

LAYERS = {
    "lrn": "local_response_norm",
    "adain": "adaptive_instance_norm",
    "l2": "lp_norm",
    "l2_norm": "lp_norm",
    "unit": "lp_norm",
    "unit_norm": "lp_norm",
    "mvn": "mean_variance_norm",
    "standard_scaler": "feature_norm",
    "renorm": "batch_renorm",
    "batch_renormalization": "batch_renorm",
    "ghost": "ghost_batch_norm",
    "ghost_batch_normalization": "ghost_batch_norm",
    "bln": "batch_layer_norm",
    "cbn": "conditional_batch_norm",
    "cin": "conditional_instance_norm",
    "film": "conditional_batch_norm",
    "frn": "filter_response_norm",
    "tlu": "filter_response_norm",
    "grn": "global_response_norm",
    "dyt": "dynamic_tanh",
}
"""What people call a layer, where no framework's name for it ends so."""

EVERYDAY = {
    "bessel": ("running.correction", "correction"),
    "biased": ("running.correction", "correction"),
    "unbiased": ("running.correction", "correction"),
    "ddof": ("running.correction", "correction"),
    "population": ("running.correction", "correction"),
    "sample": ("running.correction", "correction"),
    "decay": ("running.rate",),
    "ema": ("running.rate", "running.start"),
    "moving_average": ("running.rate", "running.start"),
    "cumulative": ("running.start",),
    "debias": ("running.start",),
    "fast_variance": ("variance",),
    "one_pass": ("variance",),
    "two_pass": ("variance",),
    "nan": ("variance", "epsilon"),
    "upcast": ("statistics_dtype", "output_dtype"),
    "half": ("statistics_dtype", "output_dtype", "running.state_dtype"),
    "float16": ("statistics_dtype", "output_dtype", "running.state_dtype"),
    "bfloat16": ("statistics_dtype", "output_dtype", "running.state_dtype"),
    "layout": ("channel_axes", "axes", "parameter_axes"),
    "nchw": ("channel_axes",),
    "nhwc": ("channel_axes",),
    "channels_first": ("channel_axes",),
    "channels_last": ("channel_axes",),
    "data_format": ("channel_axes",),
    "batch_size_one": ("one_value",),
    "gradient": ("gradient.x", "gradient.scale", "gradient.shift", "gradient.dtype"),
    "backward": ("pullback", "gradient.x", "gradient.scale", "gradient.shift"),
    "initializer": ("born", "running.initial_mean", "running.initial_variance", "initial_scale"),
    "synchronized": ("shards",),
    "sync": ("shards",),
    "sync_batch_norm": ("shards",),
    "axis_name": ("shards",),
    "cross_replica_axis": ("shards",),
    "cast": ("rounding", "statistics_dtype", "output_dtype"),
    "cosine": ("order", "at_zero"),
    "divide_by_zero": ("at_zero", "zero_variance", "epsilon", "epsilon_place"),
    "floor": ("epsilon_place",),
    "gain": ("scale", "initial_scale"),
    "interleaved": ("grouping",),
    "machine_epsilon": ("epsilon",),
    "padding": ("mask", "edges"),
    "power_iteration": ("iterations", "first", "evaluation", "warm_up"),
    "power_iterations": ("iterations", "first", "evaluation", "warm_up"),
    "prms": ("fraction",),
    "clipping": ("r_min", "r_max", "d_max"),
    "sigma": ("evaluation", "replaces", "first"),
    "window": ("before", "after", "coefficient", "edges"),
}
"""A word, in lower case with underscores: paths of fields and names of laws."""

MODES = {"freeze": "freeze", "frozen": "freeze", "inference": "evaluate", "evaluation": "evaluate", "eval": "evaluate", "train": "train"}
"""What people call a mode, where no framework's way of asking for it has the word."""

PAGES = (
    (
        "docs/conventions/momentum.md",
        ("running.rate",),
        "The weight of the new batch in PyTorch, that of the old value in Keras and Flax: one is one minus the other.",
    ),
    (
        "docs/conventions/epsilon.md",
        ("epsilon", "epsilon_place"),
        (
            "Added to the variance or the mean square, inside the root, by every layer that is told one: by default 1e-3 in Keras and "
            "TensorFlow (1e-6 in RMS norm), 1e-5 or 1e-6 elsewhere, in PyTorch's RMSNorm the machine epsilon. Under a norm it is a floor "
            "in PyTorch, Keras and TensorFlow, and added inside the root in Flax. Caffe's MVN adds it to the deviation."
        ),
    ),
    (
        "docs/conventions/variance.md",
        ("running.correction", "correction"),
        (
            "Batches are normalized with the population's variance. The running variance observes the sample's in PyTorch and in what is "
            "fused in TensorFlow, the population's in Keras and Flax."
        ),
    ),
    (
        "docs/conventions/variance.md",
        ("variance",),
        "In one pass, mean(x²) - mean(x)² is the same number with a larger error: it grows with the square of |mean| / deviation.",
    ),
    (
        "docs/conventions/grouping.md",
        ("groups", "grouping", "scale_per"),
        (
            "Groups are runs of neighbouring channels here, 32 by default in Keras and Flax, and must divide the number of channels. One "
            "group is layer norm over channels and space, as many as channels instance norm; scale and shift are per channel all the same."
        ),
    ),
    (
        "docs/conventions/masks.md",
        ("mask",),
        "With a mask statistics are those of the valid values alone; without one, padding is data. The values masked have a y, too.",
    ),
    (
        "docs/conventions/rounding.md",
        ("rounding",),
        "All layers here multiply by scale before they round y once; the code of many language models rounds first, to the dtype of x.",
    ),
    (
        "docs/conventions/weights.md",
        ("iterations", "first", "evaluation", "replaces", "warm_up", "initial_scale"),
        "x is the weight that is learned, y the one that the layer uses. The vectors of spectral norm move in training alone.",
    ),
    (
        "docs/conventions/modes.md",
        ("train", "evaluate", "freeze"),
        (
            "Training normalizes with the batch and moves the running statistics; evaluation uses them; frozen is evaluation inside "
            "training. In Keras, layer.trainable = False freezes batch norm whatever `training` says; in PyTorch "
            "requires_grad_(False) does not."
        ),
    ),
)
"""Pages of conventions, the fields or the modes that each is about, and the answer in short."""
