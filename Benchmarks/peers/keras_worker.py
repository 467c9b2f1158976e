"""Measures one workload on one Keras backend (KERAS_BACKEND) and prints one line of JSON."""

import json
import os
import resource
import sys
import time

started = float(os.environ["STARTED"])  # when the driver started this process, in Unix time

workload, quick, epochs = sys.argv[1], sys.argv[2] == "quick", int(sys.argv[3])

import keras

import data

L = keras.layers


def residual(x, filters, stride):
    y = L.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    if stride > 1:
        x = L.BatchNormalization()(L.Conv2D(filters, 1, strides=stride, use_bias=False)(x))
    return L.ReLU()(L.Add()([x, y]))


def resnet20():
    image = keras.Input((32, 32, 3))
    x = L.Conv2D(16, 3, padding="same", use_bias=False)(image)
    x = L.ReLU()(L.BatchNormalization()(x))
    for stage in range(3):
        for block in range(3):
            x = residual(x, 16 << stage, 2 if stage > 0 and block == 0 else 1)
    return keras.Model(image, L.Dense(10)(L.GlobalAveragePooling2D()(x)))


def transformer():
    tokens = keras.Input((64,), dtype="int32")
    x = L.Embedding(10_000, 128)(tokens)
    for _ in range(2):
        x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(4, 32)(x, x)]))
        hidden = L.Dense(128)(L.Dense(256, activation="relu")(x))
        x = L.LayerNormalization()(L.Add()([x, hidden]))
    return keras.Model(tokens, L.Dense(10)(L.GlobalAveragePooling1D()(x)))


def build():
    if workload == "mlp":
        return keras.Sequential([
            keras.Input((28, 28)), L.Flatten(), L.Dense(128, activation="relu"), L.Dense(10)])
    if workload == "cnn":
        return keras.Sequential([
            keras.Input((28, 28, 1)),
            L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(2),
            L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dense(10)])
    if workload == "lstm":
        return keras.Sequential([keras.Input((28, 28)), L.LSTM(128), L.Dense(10)])
    return resnet20() if workload == "resnet20" else transformer()


class Epochs(keras.callbacks.Callback):
    """When each epoch ended; from one end to the next is what a user waits for an epoch."""

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(time.perf_counter())


def fastest(count, action):
    best = float("inf")
    for _ in range(count):
        begin = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - begin)
    return best


x, y, batch = data.load(workload, quick)
loaded = time.time()
model = build()
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=["accuracy"])
model.train_on_batch(x[:batch], y[:batch])
start_up = time.time() - started

record = Epochs()
model.fit(x, y, batch_size=batch, epochs=epochs + 1, verbose=0, callbacks=[record])
steps = len(x) // batch
train = min(b - a for a, b in zip(record.ends, record.ends[1:])) / steps

repetitions = 5 if quick else 20
model.predict(x[:1], verbose=0)
one = fastest(repetitions, lambda: model.predict(x[:1], verbose=0))
model.predict(x[:64], batch_size=64, verbose=0)
many = fastest(repetitions, lambda: model.predict(x[:64], batch_size=64, verbose=0))
print(json.dumps({"train_us": train * 1e6, "predict_1_us": one * 1e6, "predict_64_us": many * 1e6,
                  "start_up_s": start_up, "steps": steps,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
