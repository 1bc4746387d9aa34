"""tf.nn.local_response_normalization has no bfloat16 on a CPU, one of the three dtypes that its page names."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

for dtype in (tf.float32, tf.float16, tf.bfloat16):
    try:
        y = tf.nn.local_response_normalization(tf.ones((1, 2, 2, 7), dtype))
        print(f"{dtype.name}: y of dtype {y.dtype.name}")
    except tf.errors.NotFoundError as error:
        refused = dtype.name, str(error).splitlines()[0]
        print(*refused)
assert refused[0] == "bfloat16"
