"""Saves the networks of the sweeps as files, with Keras: those that the folder lacks.

usage: networks.py FOLDER
"""

import sys
from pathlib import Path

import keras

from points import AXES

L = keras.layers


def layers(family, size):
    """The input and the layers before the last one."""
    if family == "inputs":
        return [keras.Input((size,)), L.Dense(128, activation="relu")]
    if family == "width":
        return [keras.Input((size,)), *[L.Dense(size, activation="relu") for _ in range(3)]]
    if family == "classes":
        return [keras.Input((64,)), L.Dense(64, activation="relu")]
    if family == "depth":
        return [keras.Input((32,)), *[L.Dense(32, activation="relu") for _ in range(size)]]
    if family in ("lstm", "gru"):
        return [keras.Input((size, 32)), {"lstm": L.LSTM, "gru": L.GRU}[family](64)]
    if family == "causal":
        return [keras.Input((size, 32)),
                L.Conv1D(64, 3, padding="causal", dilation_rate=2, activation="relu"),
                L.GlobalAveragePooling1D()]
    if family == "embedding":
        return [keras.Input((16,), dtype="int32"), L.Embedding(size, 16), L.Flatten()]
    edge = size if family == "picture" else 32
    channels = size if family in ("channels", "depthwise") else 16
    kernel = size if family == "kernel" else 3
    if family == "depthwise":
        convolutions = [L.DepthwiseConv2D(kernel, padding="same", activation="relu")]
    else:
        convolutions = [L.Conv2D(channels, kernel, padding="same", activation="relu")
                        for _ in range(2)]
    return [keras.Input((edge, edge, channels)), *convolutions, L.GlobalAveragePooling2D()]


def build(family, size):
    last = L.Dense(size if family == "classes" else 10)
    if family == "attention":
        steps = keras.Input((size, 64))
        x = L.LayerNormalization()(L.Add()([steps, L.MultiHeadAttention(4, 16)(steps, steps)]))
        model = keras.Model(steps, last(L.GlobalAveragePooling1D()(x)))
    else:
        model = keras.Sequential([*layers(family, size), last])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)  # Keras follows a thousand layers one inside the other
    for _, points in AXES.values():
        for point in points:
            path = Path(sys.argv[1]) / f"{point.network}.keras"
            if not path.exists():
                build(point.family, point.size).save(path)
