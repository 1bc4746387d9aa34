"""What the suite does not kill, and why. It must shrink: what is killed is taken off."""

SURVIVORS = {
    "freeze-takes-batch": {  # No case about running takes a step in freeze.
        "batch_norm": "misblamed",
    },
    "batch-until-trained": {  # No case about running evaluates before it trains.
        "batch_norm": "misblamed",
        "instance_norm": "misblamed",
    },
    "sample-for-population-at-rank-4": {  # No case about running.correction has rank 4.
        "batch_norm": "misblamed",
        "instance_norm": "nowhere",
    },
    "cumulative-by-samples": {  # No case about running.start has batches of different sizes.
        "batch_norm": "misblamed",
        "instance_norm": "survives",
    },
    "vectors-moved-between": {  # No case about pullback has a second train step after the one whose pullback waits.
        "spectral_norm": "survives",
    },
    "two-stages-by-the-last-axis": {  # No case has 70000 rows and a scale of two axes.
        "layer_norm": "survives",
    },
    "flat-stays": {  # No case has a weight with a constant row.
        "spectral_norm": "survives",
    },
    "dscale-by-strides-ignored": {  # No case of this layer with a scale has a dy that is not contiguous.
        "weight_standardization": "survives",
    },
    "strides-of-parameters-ignored": {  # No case of this layer has a scale of two axes, or a strided one.
        "weight_standardization": "survives",
    },
    "sums-in-a-row": {  # The bounds allow it at the lengths that cases have; whether it breaks a clause is open.
        "batch_norm": "survives",
        "layer_norm": "survives",
        "instance_norm": "survives",
        "group_norm": "survives",
        "mean_variance_norm": "survives",
        "weight_standardization": "survives",
    },
    "dscale-summed-in-half": {  # The two cases of these dtypes have too few values for it to show.
        "weight_norm": "survives",
    },
    "rows-beyond-16-bits": {  # No case of these layers has 65536 rows.
        "instance_norm": "nowhere",
        "group_norm": "nowhere",
        "lp_norm": "nowhere",
    },
    "mask-along-another-axis": {  # No case with a mask has two axes of the same length.
        "batch_norm": "survives",
        "layer_norm": "survives",
        "instance_norm": "survives",
        "group_norm": "survives",
    },
    "no-number-leaks": {  # No case has no number under a mask.
        "batch_norm": "survives",
        "layer_norm": "survives",
        "instance_norm": "survives",
        "group_norm": "survives",
    },
    "epsilon-in-half": {  # An epsilon that is 0 in float16 is there for one layer alone, in a case about y.
        "batch_norm": "nowhere",
        "layer_norm": "nowhere",
        "instance_norm": "nowhere",
        "group_norm": "nowhere",
        "rms_norm": "nowhere",
        "lp_norm": "misblamed",
        "mean_variance_norm": "nowhere",
        "feature_norm": "nowhere",
        "weight_norm": "nowhere",
        "spectral_norm": "nowhere",
        "weight_standardization": "nowhere",
    },
    "epsilon-of-the-dtype": {  # No case in 16 bits has vectors so small that epsilon shows.
        "spectral_norm": "survives",
    },
    "parameters-cast-to-half": {  # No case has parameters beyond the range of float16; what they lose within it is within the bound.
        "feature_norm": "survives",
        "weight_norm": "survives",
    },
    "state-by-way-of-half": {  # It cites the case's clause alone: `accused` drops the law. Spectral norm has no such case.
        "feature_norm": "misblamed",
        "spectral_norm": "nowhere",
    },
    "floor-of-the-square": {  # No case has a norm between epsilon and its root.
        "weight_norm": "survives",
    },
    "epsilon-hard-coded": {  # No case of these layers has epsilon 1e-5.
        "instance_norm": "nowhere",
        "group_norm": "nowhere",
        "lp_norm": "nowhere",
        "mean_variance_norm": "nowhere",
        "feature_norm": "nowhere",
        "weight_norm": "nowhere",
        "spectral_norm": "nowhere",
        "weight_standardization": "nowhere",
    },
    "outside-without-scale": {  # No case of these layers has an epsilon outside and no scale.
        "layer_norm": "nowhere",
        "instance_norm": "nowhere",
        "group_norm": "nowhere",
        "rms_norm": "nowhere",
    },
    "scale-of-channels-elsewhere": {  # No case has another axis as long as that of groups or of channels in one.
        "group_norm": "nowhere",
    },
    "shift-needs-scale": {  # What fails is about scale, and cites it; no case about shift has no scale.
        "instance_norm": "misblamed",
        "group_norm": "misblamed",
    },
    "sigma-before-iterating": {  # y in a case about update cites output alone.
        "spectral_norm": "misblamed",
    },
    "zero-vector-no-number": {  # No case has a channel of zeros.
        "weight_norm": "survives",
    },
    "zero-vector-dx-no-number": {  # No case has a channel of zeros.
        "weight_norm": "survives",
    },
    "empty-moves-state": {  # No case trains on a batch of none.
        "batch_norm": "survives",
        "instance_norm": "survives",
        "feature_norm": "survives",
        "spectral_norm": "survives",
    },
    "empty-raises": {  # No case has an empty weight.
        "spectral_norm": "survives",
    },
    "long-axes-cut": {  # No case of these layers has an axis longer than 4096.
        "instance_norm": "survives",
        "group_norm": "survives",
        "local_response_norm": "survives",
        "mean_variance_norm": "survives",
        "feature_norm": "survives",
        "weight_norm": "survives",
        "spectral_norm": "survives",
        "weight_standardization": "survives",
    },
    "one-value-running-no-number": {  # The case is about one_value, and cites that and update; instance norm has no such case.
        "batch_norm": "misblamed",
        "instance_norm": "nowhere",
    },
    "refusal-counts": {  # The check of a count in a refused step is judged by count, which `accused` then drops; refusal is never cited.
        "batch_norm": "misblamed",
        "instance_norm": "misblamed",
    },
}
"""Mutant -> layer -> its fate."""
