"""What each layer computes: pure functions in the Array API standard, one file per layer."""

from normspec.reference.batch_norm import batch_norm, batch_norm_vjp
from normspec.reference.layer_norm import layer_norm, layer_norm_vjp

__all__ = ["batch_norm", "batch_norm_vjp", "layer_norm", "layer_norm_vjp"]
