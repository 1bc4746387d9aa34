"""Accuracy grades: how the error of a layer grows as the mean of x grows beside its deviation."""
