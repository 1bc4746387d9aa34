"""Batch layer normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A statistic over the samples has one scalar for each index
without its first entry, one over the features for each index without its last, and scale and shift for each last entry:

values = {"scale": {(feature,): ...}, "shift": {(feature,): ...}, "batch_mean": {index[1:]: ...}, "batch_variance": {index[1:]: ...},
          "feature_mean": {index[:-1]: ...}, "feature_variance": {index[:-1]: ...}, "count": k}
"""

from definitions.indices import grouped
from mpmath import mpf, sqrt

KEYS = {"batch": lambda index: index[1:], "feature": lambda index: index[:-1]}


def forward(spec, mode, x, values):
    """Take one step: give y (None in mode observe) and the state after it."""
    after = updated(x, values) if mode in ("train", "observe") else {n: a for n, a in values.items() if n not in ("scale", "shift")}
    if mode == "observe":
        return None, after
    multiplied = multiplied_of(spec, mode, x, values)
    y = {i: (values["scale"][i[-1:]] if spec.scale else 1) * a for i, a in multiplied.items()}
    return {i: a + (values["shift"][i[-1:]] if spec.shift else 0) for i, a in y.items()}, after


def vjp(spec, mode, x, values, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule."""
    dx, dscale, dshift = dict.fromkeys(x, mpf(0)), {}, {}
    for i, a in multiplied_of(spec, mode, x, values).items():
        dscale[i[-1:]] = dscale.get(i[-1:], 0) + dy[i] * a
        dshift[i[-1:]] = dshift.get(i[-1:], 0) + dy[i]
    for of, weight in weights_of(spec, x).items():
        for key, indices in grouped(x, KEYS[of]).items():
            mean, variance = statistics_of(spec, mode, of, [x[i] for i in indices], values, key)
            divided_by = sqrt(variance + mpf(spec.epsilon))
            # of normalized, which is (x - mean) / divided_by
            dnormalized = {i: dy[i] * (values["scale"][i[-1:]] if spec.scale else 1) * weight for i in indices}
            dmean = -sum(dnormalized.values()) / divided_by
            dvariance = -sum(dnormalized[i] * (x[i] - mean) for i in indices) / (2 * divided_by**3)
            own = mean_of([x[i] for i in indices])
            for i in indices:
                dx[i] += dnormalized[i] / divided_by
                if of_this_x(spec, mode, f"{of}_mean"):
                    dx[i] += dmean / len(indices)
                if of_this_x(spec, mode, f"{of}_variance"):
                    dx[i] += dvariance * 2 * (x[i] - own) / len(indices)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def multiplied_of(spec, mode, x, values):
    """Give what scale multiplies."""
    multiplied = dict.fromkeys(x, mpf(0))
    for of, weight in weights_of(spec, x).items():
        for key, indices in grouped(x, KEYS[of]).items():
            mean, variance = statistics_of(spec, mode, of, [x[i] for i in indices], values, key)
            for i in indices:
                multiplied[i] += weight * (x[i] - mean) / sqrt(variance + mpf(spec.epsilon))
    return multiplied


def weights_of(spec, x):
    """Give the weights of both, over the root of the number of features."""
    samples, features = (len({i[axis] for i in x}) for axis in (0, -1))
    delta, share = mpf(spec.delta), mpf(1) / samples
    of_batch = 1 - share - delta if spec.batch_delta == "minus" else 1 - share + delta
    return {"batch": of_batch / sqrt(mpf(features)), "feature": (share - delta) / sqrt(mpf(features))}


def of_this_x(spec, mode, name):
    """Tell whether a statistic is taken from this x."""
    return mode == "train" or not getattr(spec, f"population_{name}")


def statistics_of(spec, mode, of, own, values, key):
    """Give the mean and the variance that normalize."""
    mean = mean_of(own) if of_this_x(spec, mode, f"{of}_mean") else values[f"{of}_mean"][key]
    variance = variance_of(own) if of_this_x(spec, mode, f"{of}_variance") else values[f"{of}_variance"][key]
    return mean, variance


def updated(x, values):
    """Give the averages after one more observation, the first of an epoch where the count was 0."""
    count, samples = values["count"] + 1, len({i[0] for i in x})
    after = {"count": count}
    for of, key_of in KEYS.items():
        for key, indices in grouped(x, key_of).items():
            own = [x[i] for i in indices]
            found = {"mean": mean_of(own), "variance": variance_of(own) * samples / max(samples - 1, 1)}
            for name, value in found.items():
                old = values[f"{of}_{name}"][key]
                after.setdefault(f"{of}_{name}", {})[key] = old + (value - old) / count
    return after


def mean_of(values):
    return sum(values) / len(values)


def variance_of(values):
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / len(values)
