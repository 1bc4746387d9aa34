"""Layers on TensorFlow that several replicas take a step of together, each on its shard of x, under tf.distribute.MirroredStrategy.

A CPU is several logical devices here, which must be said before TensorFlow first runs: so it is said when this file is imported.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types

from normspec.backends.keras_eager import Eager
from normspec.backends.keras_library import Library
from normspec.backends.tape import taped
from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Pullback, Situation

DEVICES = 8
"""Into how many logical devices a CPU is divided: more shards are in no case."""

with suppress(RuntimeError):  # where TensorFlow has run, there are the devices that there are
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * DEVICES
    )


def build(library: Library, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> Eager:
    """Build what drives a layer: on one device or, where x is in shards, on as many as there are of these."""
    if not situation.shards:
        return Eager(library, taped, make, entry, arguments, spec, situation)
    strategy = mirrored(len(situation.shards))
    differentiated = partial(together, strategy, situation.shards)
    with strategy.scope():
        return Eager(library._replace(tangents=once), differentiated, make, entry, arguments, spec, situation)


@lru_cache
def mirrored(replicas: int) -> Any:
    """Give a strategy of so many replicas, on CPUs.

    What they exchange is added up on one device: collectives of several strategies in one process would wait for one another.

    Raises
    ------
    Unsupported
        Where there are fewer devices.
    """
    devices = [device.name for device in tf.config.list_logical_devices("CPU")]
    if replicas > len(devices):
        raise Unsupported(f"takes no shards beyond the logical devices of the CPU, of which there are {len(devices)}: got {replicas}")
    return tf.distribute.MirroredStrategy(devices[:replicas], cross_device_ops=tf.distribute.ReductionToOneDevice())


def together(
    strategy: Any, shards: tuple[int, ...], call: Callable[[Array], Array], x: Array, variables: Mapping[str, Any]
) -> tuple[Array, Pullback]:
    """Give y and its pullback: each replica takes the step on its shard, with a tape of its own; cotangents of a parameter add up."""
    backs: dict[int, tuple[Any, Pullback]] = {}

    def take(piece: Array) -> Array:
        replica = tf.distribute.get_replica_context()
        y, back = taped(call, piece, variables)
        backs[int(replica.replica_id_in_sync_group)] = replica, back
        return y

    def give_back(dy: Array) -> Arrays:
        replica, back = backs[int(tf.distribute.get_replica_context().replica_id_in_sync_group)]
        with replica:  # what the tape has recorded exchanges in the context of its step, and in no other
            return back(dy)

    def pullback(dy: Array) -> Arrays:
        found = strategy.run(give_back, args=(_cut(strategy, shards, dy),))
        pieces = {name: strategy.experimental_local_results(a) for name, a in found.items()}
        return {name: tf.concat(own, 0) if name == "x" else _added(own) for name, own in pieces.items()}

    y = strategy.run(take, args=(_cut(strategy, shards, x),))
    return tf.concat(strategy.experimental_local_results(y), 0), pullback


def once(*_: Any) -> Arrays:
    """Give no derivatives along a direction."""
    raise Unsupported("is differentiated once where several replicas take x")


def _added(pieces: tuple[Array, ...]) -> Array:
    """Give the sum of arrays, which is rounded once."""
    return tf.cast(tf.add_n([tf.cast(piece, "float64") for piece in pieces]), pieces[0].dtype)


def _cut(strategy: Any, shards: tuple[int, ...], a: Array) -> Any:
    """Give each replica its shard of an array, which may be without values."""
    pieces = np.split(a.numpy(), np.cumsum(shards)[:-1])
    return strategy.experimental_distribute_values_from_function(lambda at: tf.constant(pieces[at.replica_id_in_sync_group]))
