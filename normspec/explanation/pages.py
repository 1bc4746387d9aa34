"""Pages of conventions: where a question is answered at length, and the answer in short."""

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
        "docs/conventions/axes.md",
        ("channel_axes", "axes", "parameter_axes"),
        (
            "Channels are axis 1 in PyTorch and what follows it, the last axis in Keras, TensorFlow, Flax, Haiku and MLX. A layer norm has "
            "none: it is over the axes that it names, by default the last. No array knows its layout, and where lengths agree the wrong "
            "one is not refused."
        ),
    ),
    (
        "docs/conventions/batches-of-one.md",
        ("one_value",),
        (
            "A value alone is its own mean: y is shift and the gradient of x is 0. Batch norm of PyTorch, MLX and tinygrad refuses it in "
            "training, the others here go on. One sample with places has many values. Freeze the layer, or use group norm."
        ),
    ),
    (
        "docs/conventions/synchronized.md",
        ("shards",),
        (
            "By default every device normalizes with the statistics of its own shard. Counts, means and sums of squared deviations merge "
            "to those of the whole batch, whatever the lengths; averaged variances do not."
        ),
    ),
    (
        "docs/conventions/one-plus-weight.md",
        ("scale",),
        "y is multiplied by what is kept: weight, gamma or scale; in GemmaRMSNorm of Transformers by 1 + weight, which is born as 0.",
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
        "docs/conventions/rounding.md",
        ("statistics_dtype", "output_dtype"),
        "Most layers compute in float32 what is half precision, and round once. Some compute in the dtype of x, where float16 overflows.",
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
