"""tf_keras 2.21.0: no number under a mask makes the moving mean no number: masked values are multiplied by 0, and count."""

import numpy as np
import tf_keras

x = np.array([[[1.0], [2.0], [np.nan]]], "float32")
layer = tf_keras.layers.BatchNormalization(momentum=0.0)
y = layer(x, mask=np.array([[True, True, False]]), training=True)
print("y:", y.numpy().ravel(), "moving mean:", layer.moving_mean.numpy())
assert np.isnan(layer.moving_mean).all()
assert np.isnan(y).all()
