"""What several of PyTorch's rows have in common: the dtypes in which they hold, and the promise of float32. Imports no framework."""

SINGLE = (("float64", "float64"), ("float32", "float32"))
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
MIXED = (("float16", "float32"), ("bfloat16", "float32"))

IN_FLOAT32 = "computation_dtype = utils.get_computation_dtype(input.dtype)"
DECOMPOSITIONS = "torch/_decomp/decompositions.py"
