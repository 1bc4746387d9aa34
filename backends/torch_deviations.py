"""What PyTorch 2.13.0 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from normspec.backends import (
    torch_batch_norm_deviations,
    torch_compile_deviations,
    torch_fold_deviations,
    torch_group_norm_deviations,
    torch_instance_norm_deviations,
    torch_layer_norm_deviations,
    torch_local_response_norm_deviations,
    torch_rms_norm_deviations,
    torch_weight_norm_deviations,
)

DEVIATIONS = (
    *torch_batch_norm_deviations.ROWS,
    *torch_layer_norm_deviations.ROWS,
    *torch_instance_norm_deviations.ROWS,
    *torch_group_norm_deviations.ROWS,
    *torch_local_response_norm_deviations.ROWS,
    *torch_rms_norm_deviations.ROWS,
    *torch_weight_norm_deviations.ROWS,
    *torch_compile_deviations.ROWS,
    *torch_fold_deviations.ROWS,
)
