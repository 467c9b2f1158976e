"""The small networks that the training and file families share."""

from common import keras

L = keras.layers


def mlp():
    return keras.Sequential([
        keras.Input((12,)), L.Dense(8, activation="relu"), L.Dense(4, activation="softmax")],
        name="mlp")


def cnn():
    return keras.Sequential([
        keras.Input((8, 8, 2)),
        L.Conv2D(4, 3, padding="same", use_bias=False), L.BatchNormalization(),
        L.Activation("relu"),
        L.MaxPooling2D(2), L.Conv2D(6, 3, activation="relu"), L.AveragePooling2D(2),
        L.Flatten(), L.Dense(4)], name="cnn")


def lstm():
    return keras.Sequential([
        keras.Input((6, 3)), L.Masking(), L.LSTM(5, return_sequences=True), L.LSTM(4),
        L.Dense(3, activation="softmax")], name="lstm")


def gru_text():
    return keras.Sequential([
        keras.Input((6,), dtype="int32"), L.Embedding(10, 4, mask_zero=True),
        L.Bidirectional(L.GRU(3)), L.Dense(1, activation="sigmoid")], name="gru_text")


def transformer():
    tokens = keras.Input((6,), dtype="int32", name="tokens")
    x = L.Embedding(10, 8, mask_zero=True, name="embedding")(tokens)
    attended = L.MultiHeadAttention(2, 4, name="attention")(x, x)
    x = L.LayerNormalization(epsilon=1e-6, name="norm_1")(L.Add(name="residual_1")([x, attended]))
    hidden = L.Dense(16, activation="gelu", name="expand")(x)
    hidden = L.Dense(8, name="contract")(hidden)
    x = L.LayerNormalization(epsilon=1e-6, name="norm_2")(L.Add(name="residual_2")([x, hidden]))
    x = L.GlobalAveragePooling1D(name="pooling")(x)
    return keras.Model(tokens, L.Dense(3, name="logits")(x), name="transformer")


def two_inputs():
    image = keras.Input((6, 6, 1), name="image")
    meta = keras.Input((3,), name="meta")
    x = L.Flatten(name="flatten")(L.Conv2D(3, 3, activation="relu", name="conv")(image))
    y = L.Dense(4, activation="tanh", name="dense")(meta)
    x = L.Concatenate(name="concatenate")([x, y])
    return keras.Model([image, meta], L.Dense(3, activation="softmax", name="class")(x),
                       name="two_inputs")


def two_outputs():
    x = keras.Input((5,), name="features")
    hidden = L.Dense(6, activation="relu", name="hidden")(x)
    return keras.Model(x, {"label": L.Dense(3, activation="softmax", name="label")(hidden),
                           "score": L.Dense(1, name="score")(hidden)}, name="two_outputs")


def shared():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    tower = L.Dense(3, activation="tanh", name="tower")
    product = L.Multiply(name="product")([tower(left), tower(right)])
    return keras.Model([left, right], L.Dense(1, activation="sigmoid", name="same")(product),
                       name="shared")


def nested():
    block = keras.Sequential([keras.Input((4,)), L.Dense(5, activation="relu"), L.Dense(3)],
                             name="block")
    x = keras.Input((4,), name="x")
    y = L.Activation("sigmoid", name="gate")(block(x))
    return keras.Model(x, L.Dense(2, name="out")(y), name="nested")


def residual():
    x = keras.Input((6, 6, 2), name="x")
    y = L.Conv2D(4, 3, padding="same", name="conv_1")(x)
    y = L.ReLU(name="relu_1")(L.BatchNormalization(name="norm_1")(y))
    y = L.BatchNormalization(name="norm_2")(L.Conv2D(4, 3, padding="same", name="conv_2")(y))
    shortcut = L.Conv2D(4, 1, name="shortcut")(x)
    y = L.ReLU(name="relu_2")(L.Add(name="add")([y, shortcut]))
    y = L.GlobalAveragePooling2D(name="pooling")(y)
    return keras.Model(x, L.Dense(3, activation="softmax", name="class")(y), name="residual")
