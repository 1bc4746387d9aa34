"""What the layers have in common that take the mean from x and divide by its deviation: semantic parameters and laws."""

from typing import Any, Literal

from normspec.clauses import choice
from normspec.layers import fields as f

EpsilonPlace = Literal["inside", "outside"]
Floored = Literal["inside", "outside", "floor"]
Variance = Literal["two_pass", "one_pass"]
OneValue = Literal["refuse", "shift"]


def epsilon_place() -> Any:
    """Declare epsilon's place."""
    return choice("The divisor MUST be sqrt(variance + epsilon) (inside) or sqrt(variance) + epsilon (outside).", "inside", "outside")


def correction() -> Any:
    """Declare the estimator of the variance that normalizes."""
    return choice(
        "Where x's own variance normalizes, it MUST be the sum of squared deviations over max(n - correction, 1), n being the values "
        "per statistic.",
        0,
        1,
        rule=f.ddof,
    )


def variance() -> Any:
    """Declare how accurate the variance is."""
    return choice(
        "The error of the variance taken MUST grow with the condition number alone, as that of the mean of squared deviations does "
        "(two_pass), or MAY grow with its square, as that of the mean of squares less the squared mean does (one_pass).",
        "two_pass",
        "one_pass",
        permits=True,
    )


def one_value() -> Any:
    """Declare what a statistic over one value does."""
    return choice(
        "Where a statistic would be taken over one value, the layer MUST refuse x (refuse) or, where that statistic normalizes, "
        "give shift (shift).",
        "refuse",
        "shift",
    )


LAWS = {
    "output": "y MUST be scale times (x - mean) over the divisor, plus shift, and have the shape of x.",
    "pullback": f.LAWS["pullback"],
    "gradient.x": "The cotangent of x MUST include the way through every statistic taken from this x; other statistics MUST be constants.",
    "gradient.scale": "The cotangent of scale MUST be the sum of dy times the normalized x over every axis along which scale is broadcast.",
    "gradient.shift": "The cotangent of shift MUST be the sum of dy over every axis along which shift is broadcast.",
    "gradient.dtype": f.LAWS["gradient.dtype"],
    **f.TANGENTS,
    "inputs": f.LAWS["inputs"],
    "parameters": f.LAWS["parameters"],
    "born": "Before anything is loaded, scale MUST be 1 and shift 0.",
    "accuracy": f.LAWS["accuracy"],
}
RUNNING_LAWS = {
    "update": "A train or observe step MUST move the running statistics exactly once, and its pullback MUST NOT move them.",
    "count": "Where the weight depends on it, the count MUST be an integer scalar, born 0, that rises by 1 with each observation; "
    "where it depends on the first one alone, the count need say no more than whether there was one.",
    "keep": "evaluate and freeze MUST leave the state bit by bit as it was.",
}
MASK = {
    "mask": "Where a mask is given, statistics MUST be taken over the values where it is true alone; the others MUST reach nothing but "
    "their own y and, where dy is not 0 there, the cotangents of what that y is made of.",
}
SHARDS = {
    "shards": "Where x is cut into shards that several devices take in one step, y, the cotangents and the state MUST be those of the "
    "whole x, whatever the lengths of the shards.",
}
REFUSAL = {"refusal": "A refused step MUST leave the state bit by bit as it was."}
