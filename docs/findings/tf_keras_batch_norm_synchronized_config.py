"""tf_keras 2.21.0: the config of a synchronized batch norm does not say so: what is made or loaded from it is not synchronized."""

import tf_keras

layer = tf_keras.layers.BatchNormalization(synchronized=True)
again = tf_keras.layers.BatchNormalization.from_config(layer.get_config())
copy = tf_keras.models.clone_model(tf_keras.Sequential([tf_keras.Input((3,)), layer])).layers[0]
print("synchronized:", layer.synchronized, "from its config:", again.synchronized, "in a cloned model:", copy.synchronized)
assert layer.synchronized
assert not again.synchronized
assert not copy.synchronized
