"""The networks of the workloads in Keras; its own command saves them as files, compiled.

usage: networks.py FOLDER WORKLOAD…
"""

import sys

import keras

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


def mlp():
    return keras.Sequential([
        keras.Input((28, 28)), L.Flatten(), L.Dense(128, activation="relu"), L.Dense(10)])


def cnn():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(2),
        L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dense(10)])


def lstm():
    return keras.Sequential([keras.Input((28, 28)), L.LSTM(128), L.Dense(10)])


def bigru():
    return keras.Sequential([
        keras.Input((28, 28)), L.Bidirectional(L.GRU(64, return_sequences=True)),
        L.Bidirectional(L.GRU(64)), L.Dense(10)])


def wide():
    layers = [keras.Input((784,))]
    for _ in range(3):
        layers += [L.Dense(1024, activation="gelu"), L.LayerNormalization(), L.Dropout(0.1)]
    return keras.Sequential([*layers, L.Dense(10)])


def normalized(x, layer):
    return L.ReLU(max_value=6)(L.BatchNormalization()(layer(x)))


def mobilenet():
    image = keras.Input((32, 32, 3))
    x = normalized(image, L.Conv2D(32, 3, padding="same", use_bias=False))
    for filters, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        x = normalized(x, L.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False))
        x = normalized(x, L.Conv2D(filters, 1, use_bias=False))
    return keras.Model(image, L.Dense(10)(L.GlobalAveragePooling2D()(x)))


def unet():
    def twice(x, filters):
        for _ in range(2):
            x = L.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    image = keras.Input((64, 64, 3))
    x, skipped = image, []
    for filters in (16, 32, 64):
        x = twice(x, filters)
        skipped.append(x)
        x = L.MaxPooling2D(2)(x)
    x = twice(x, 128)
    for filters, other in zip((64, 32, 16), reversed(skipped)):
        x = L.Conv2DTranspose(filters, 2, strides=2)(x)
        x = twice(L.Concatenate()([other, x]), filters)
    return keras.Model(image, L.Conv2D(10, 1)(x))


def tcn():
    sequence = keras.Input((256, 16))
    x = L.Conv1D(64, 1)(sequence)
    for rate in (1, 2, 4, 8, 16, 32):
        y = L.Conv1D(64, 3, padding="causal", dilation_rate=rate, activation="relu")(x)
        x = L.Add()([x, L.Conv1D(64, 1)(y)])
    return keras.Model(sequence, L.Dense(10)(L.GlobalAveragePooling1D()(x)))


def build(workload):
    """The network, compiled: those called `…-bf16` in mixed precision."""
    name, _, precision = workload.partition("-")
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bf16" else "float32")
    model = globals()[name]()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    return model


if __name__ == "__main__":
    for workload in sys.argv[2:]:
        build(workload).save(f"{sys.argv[1]}/{workload}.keras")


