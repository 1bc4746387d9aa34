"""tf_keras 2.21.0: a replica without samples leaves its moving statistics as they were, and those shown are the mean of all replicas'."""

import tensorflow as tf
import tf_keras

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice())


def moved(shards: list[tf.Tensor]) -> float:
    """Give the moving mean after one step on these."""
    with strategy.scope():
        layer = tf_keras.layers.BatchNormalization(momentum=0.0, synchronized=True)
        layer.build((None, 1))
    x = strategy.experimental_distribute_values_from_function(lambda replica: shards[replica.replica_id_in_sync_group])
    strategy.run(lambda piece: layer(piece, training=True), args=(x,))
    return float(layer.moving_mean.numpy()[0])


x = tf.constant([[1.0], [2.0], [3.0], [6.0]])
both, one = moved([x[:3], x[3:]]), moved([x, x[:0]])
print("moving mean of 1, 2, 3, 6 at momentum 0: on both replicas", both, "all of them on the first", one)
assert both == 3.0
assert one == 1.5
