"""What Paddle 3.3.1 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from normspec.backends import paddle_batch_norm_deviations, paddle_divide_deviations, paddle_standardize_deviations

DEVIATIONS = (*paddle_batch_norm_deviations.ROWS, *paddle_standardize_deviations.ROWS, *paddle_divide_deviations.ROWS)
