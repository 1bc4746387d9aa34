"""Keras 3.15.1 on TensorFlow: replicas round their gradients of a 16-bit beta before these are added up."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice())


def made() -> keras.layers.Layer:
    """Give a layer of bfloat16."""
    layer = keras.layers.BatchNormalization(synchronized=True, dtype="bfloat16")
    layer.build((None, 1))
    return layer


def gradient_of_beta(layer: keras.layers.Layer, x: tf.Tensor, dy: tf.Tensor) -> tf.Tensor:
    """Give the gradient that one replica takes."""
    with tf.GradientTape() as tape:
        y = layer(x, training=True)
    return tape.gradient(y, layer.beta.value, output_gradients=dy)


def cut(a: tf.Tensor) -> tf.distribute.DistributedValues:
    """Give each replica two samples."""
    return strategy.experimental_distribute_values_from_function(lambda replica: a[2 * replica.replica_id_in_sync_group :][:2])


x, dy = tf.constant([[1.0], [2.0], [3.0], [6.0]], "bfloat16"), tf.constant([[256.0], [1.0], [-256.0], [0.0]], "bfloat16")
whole = float(gradient_of_beta(made(), x, dy)[0])
with strategy.scope():
    layer = made()
parts = strategy.run(lambda x, dy: gradient_of_beta(layer, x, dy), args=(cut(x), cut(dy)))
added = float(strategy.reduce("SUM", parts, axis=None)[0])
print("gradient of beta, the sum of 256, 1, -256 and 0: of the whole batch", whole, "of two replicas", added)
assert whole == 1.0
assert added == 0.0
