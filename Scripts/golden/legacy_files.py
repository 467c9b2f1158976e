"""Older files of Keras, with the predictions Keras 3 makes.

Those in the dialects of Keras 1 and 2 are put together here: each case is a configuration as an
older version of Keras wrote it, the weights in the order and under the names it gave them, and the
same network in Keras 3, whose numbers they are. Those of Keras 3 are what it writes, and does not
read again itself.
"""

import json

import h5py

from common import GOLDEN, clear, finish, keras, np, randomize, start, write_npz

L = keras.layers


def old(class_name, name, inbound=None, **config):
    """A layer; `inbound` lists its calls in a functional model."""
    layer = {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}
    if inbound is not None:
        layer.update(name=name, inbound_nodes=inbound)
    return layer


def glorot():
    return {"class_name": "VarianceScaling", "config": {
        "scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}


def dense(name, units, activation="linear", **config):
    return old("Dense", name, units=units, activation=activation, use_bias=True,
               kernel_initializer=glorot(), bias_initializer={"class_name": "Zeros", "config": {}},
               kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
               kernel_constraint=None, bias_constraint=None, **config)


def arrays(layer, names=None):
    """The weights of a layer of Keras 3 under the names of Keras 2."""
    values = [np.asarray(v) for v in layer.trainable_weights + layer.non_trainable_weights]
    names = names or [v.path.split("/", 1)[-1] if "/" in v.path else v.path
                      for v in layer.trainable_weights + layer.non_trainable_weights]
    return [(f"{layer.name}/{name}:0", value) for name, value in zip(names, values)]


def cudnn(layer, gates):
    """The weights of a GRU or an LSTM as cuDNN's own layers of Keras 2 keep them."""
    kernel, recurrent, bias = (np.asarray(v) for v in layer.weights)

    def turned(matrix):
        # Each gate is [units, rows] in memory, and called [rows, units].
        return np.hstack([part.T.ravel().reshape(part.shape) for part in np.hsplit(matrix, gates)])

    if gates == 3:  # two biases, one after the other
        bias = bias.ravel()
    else:  # the sum of both is what counts
        bias = np.concatenate([0.25 * bias, 0.75 * bias])
    names = [f"{layer.name}/{name}:0" for name in ("kernel", "recurrent_kernel", "bias")]
    return list(zip(names, [turned(kernel), np.hstack([
        part.T for part in np.hsplit(recurrent, gates)]), bias]))


def write(path, layers, config=None, version=None, backend="tensorflow", fixed=False,
          training=None, optimizer=None):
    """Writes a whole-model file, or without `config` one of weights alone."""
    def text(list_):
        encoded = [item.encode() for item in list_]
        return np.array(encoded, dtype=f"S{max(map(len, encoded), default=1)}") if fixed else encoded

    with h5py.File(path, "w") as file:
        group = file
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
            group = file.create_group("model_weights")
        if version:
            for place in {file, group}:
                place.attrs["keras_version"] = version.encode()
                place.attrs["backend"] = backend.encode()
        group.attrs["layer_names"] = text([name for name, _ in layers])
        for name, values in layers:
            own = group.create_group(name)
            own.attrs["weight_names"] = text([path for path, _ in values])
            for path, value in values:
                own[path] = value
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        if optimizer is not None:
            group = file.create_group("optimizer_weights")
            group.attrs["weight_names"] = text([path for path, _ in optimizer])
            for path, value in optimizer:
                group[path] = value


def keras1_mlp(random):
    """Keras 1: a Sequential is a list, and hyperparameters have other names."""
    model = keras.Sequential([keras.Input((5,)), L.Dense(4, activation="relu", name="dense_1"),
                              L.Dropout(0.5), L.Dense(3, activation="softmax", name="dense_2")])
    randomize(model.weights, random)
    first = dict(init="glorot_uniform", b_regularizer=None, activity_regularizer=None,
                 W_constraint=None, b_constraint=None, bias=True)
    config = {"class_name": "Sequential", "config": [
        old("Dense", "dense_1", batch_input_shape=[None, 5], input_dtype="float32", input_dim=5,
            output_dim=4, activation="relu",
            W_regularizer={"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.01}, **first),
        old("Dropout", "dropout_1", p=0.5),
        old("Dense", "dense_2", input_dim=None, output_dim=3, activation="softmax",
            W_regularizer=None, **first)]}
    layers = [(layer.name, [(f"{layer.name}_{letter}", np.asarray(v))
                            for letter, v in zip("Wb", layer.weights)])
              for layer in model.layers if layer.weights]
    layers.insert(1, ("dropout_1", []))
    return model, [random.standard_normal((4, 5))], dict(config=config, layers=layers)


def keras2_cnn(random):
    """Keras 2.0: the optimizer's rate is `lr`, its variables go slot by slot without names."""
    model = keras.Sequential([
        keras.Input((6, 6, 2)), L.Conv2D(3, 3, padding="same", use_bias=False, name="conv2d_1"),
        L.BatchNormalization(momentum=0.9, name="batch_normalization_1"),
        L.LeakyReLU(negative_slope=0.25, name="leaky_re_lu_1"), L.MaxPooling2D(2),
        L.Flatten(), L.Dense(3, activation="softmax", name="dense_1")])
    randomize(model.weights, random)
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.01, 1, 0.5)
    model.compile(keras.optimizers.Adam(schedule, epsilon=1e-8), "categorical_crossentropy",
                  metrics=["accuracy"])
    x = random.standard_normal((4, 6, 6, 2)).astype("float32")
    y = np.eye(3, dtype="float32")[random.integers(0, 3, 4)]
    for _ in range(2):
        model.train_on_batch(x, y)
    config = {"class_name": "Sequential", "config": [
        old("Conv2D", "conv2d_1", batch_input_shape=[None, 6, 6, 2], dtype="float32", filters=3,
            kernel_size=[3, 3], strides=[1, 1], padding="same", data_format="channels_last",
            dilation_rate=[1, 1], activation="linear", use_bias=False, kernel_initializer=glorot(),
            bias_initializer={"class_name": "Zeros", "config": {}}, kernel_regularizer={
                "class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.0}}, bias_regularizer=None,
            activity_regularizer=None, kernel_constraint=None, bias_constraint=None),
        old("BatchNormalization", "batch_normalization_1", axis=-1, momentum=0.9, epsilon=0.001,
            center=True, scale=True, beta_initializer={"class_name": "Zeros", "config": {}},
            gamma_initializer={"class_name": "Ones", "config": {}},
            moving_mean_initializer={"class_name": "Zeros", "config": {}},
            moving_variance_initializer={"class_name": "Ones", "config": {}},
            beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
            gamma_constraint=None),
        old("LeakyReLU", "leaky_re_lu_1", alpha=0.25),
        old("MaxPooling2D", "max_pooling2d_1", pool_size=[2, 2], padding="valid", strides=[2, 2],
            data_format="channels_last"),
        old("Flatten", "flatten_1"), dense("dense_1", 3, "softmax")]}
    layers = [("conv2d_1", arrays(model.layers[0])),
              ("batch_normalization_1", arrays(model.layers[1])), ("leaky_re_lu_1", []),
              ("max_pooling2d_1", []), ("flatten_1", []), ("dense_1", arrays(model.layers[-1]))]
    values = [np.asarray(v) for v in model.optimizer.variables]
    values = [values[0].astype("float32")] + values[1::2] + values[2::2]
    optimizer = [("training/Adam/Variable" + (f"_{i}" if i else "") + ":0", value)
                 for i, value in enumerate(values)]
    training = {"optimizer_config": {"class_name": "Adam", "config": {
        "lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.5, "epsilon": 1e-08}},
        "loss": "categorical_crossentropy", "metrics": ["accuracy"], "sample_weight_mode": None,
        "loss_weights": None}
    return model, [x], dict(config=config, layers=layers, training=training, optimizer=optimizer,
                            version="2.0.5"), y


def keras2_functional(random):
    """Keras 2.1: class Model, a shared layer, a model within, whose calls count from 1."""
    inner_x = keras.Input((4,), name="input_1")
    inner = keras.Model(inner_x, L.Add(name="add_1")([
        L.Dense(4, activation="tanh", name="dense_1")(inner_x), inner_x]), name="model_1")
    block = keras.Sequential([keras.Input((4,)), L.Dense(4, name="dense_2"),
                              L.BatchNormalization(name="batch_normalization_1")],
                             name="sequential_1")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = L.Dense(4, name="shared")
    left = block(inner(shared(a)))
    right = L.ReLU(threshold=0.5, name="thresholded_re_lu_1")(inner(shared(b)))
    joined = L.Concatenate(name="concatenate_1")([left, right])
    model = keras.Model([a, b], L.Dense(2, name="out")(joined), name="model_2")
    randomize(model.weights, random)

    def node(*inputs):
        return [[name, index, 0, {}] for name, index in inputs]

    inside = {"name": "model_1", "layers": [
        old("InputLayer", "input_1", [], batch_input_shape=[None, 4], dtype="float32",
            sparse=False),
        {**dense("dense_1", 4, "tanh"), "name": "dense_1",
         "inbound_nodes": [node(("input_1", 0))]},
        old("Add", "add_1", [node(("dense_1", 0), ("input_1", 0))])],
        "input_layers": [["input_1", 0, 0]], "output_layers": [["add_1", 0, 0]]}
    row = [dense("dense_2", 4, batch_input_shape=[None, 4], dtype="float32"),
           old("BatchNormalization", "batch_normalization_1", axis=[1], momentum=0.99,
               epsilon=0.001, center=True, scale=True)]
    config = {"class_name": "Model", "config": {"name": "model_2", "layers": [
        old("InputLayer", "a", [], batch_input_shape=[None, 4], dtype="float32", sparse=False),
        old("InputLayer", "b", [], batch_input_shape=[None, 4], dtype="float32", sparse=False),
        {**dense("shared", 4), "name": "shared",
         "inbound_nodes": [node(("a", 0)), node(("b", 0))]},
        {"class_name": "Model", "config": inside, "name": "model_1",
         "inbound_nodes": [node(("shared", 0)), node(("shared", 1))]},
        {"class_name": "Sequential", "config": row, "name": "sequential_1",
         "inbound_nodes": [node(("model_1", 1))]},
        old("ThresholdedReLU", "thresholded_re_lu_1", [node(("model_1", 2))], theta=0.5),
        old("Concatenate", "concatenate_1", [node(("sequential_1", 1),
                                                  ("thresholded_re_lu_1", 0))], axis=-1),
        {**dense("out", 2), "name": "out", "inbound_nodes": [node(("concatenate_1", 0))]}],
        "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["out", 0, 0]]}}
    layers = [("a", []), ("b", []), ("shared", arrays(shared)), ("model_1", arrays(inner)),
              ("sequential_1", arrays(block)), ("thresholded_re_lu_1", []),
              ("concatenate_1", []), ("out", arrays(model.layers[-1]))]
    inputs = [random.standard_normal((3, 4)), random.standard_normal((3, 4))]
    return model, inputs, dict(config=config, layers=layers, version="2.1.6", fixed=True)


def keras22_recurrent(random):
    """Keras 2.2: cuDNN's own layers, and a GRU that does not say when it resets."""
    model = keras.Sequential([
        keras.Input((5,), dtype="int32"), L.Embedding(7, 4, name="embedding_1"),
        L.LSTM(3, return_sequences=True, name="cu_dnnlstm_1"),
        L.GRU(2, return_sequences=True, name="cu_dnngru_1"),
        L.GRU(3, reset_after=False, name="gru_1"), L.Dense(2, name="dense_1")])
    randomize(model.weights, random)
    fast = dict(return_state=False, go_backwards=False, stateful=False,
                kernel_initializer=glorot(), recurrent_initializer={
                    "class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
                bias_initializer={"class_name": "Zeros", "config": {}}, kernel_regularizer=None,
                recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                kernel_constraint=None, recurrent_constraint=None, bias_constraint=None)
    config = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": [
        old("Embedding", "embedding_1", batch_input_shape=[None, 5], dtype="int32", input_dim=7,
            output_dim=4, embeddings_initializer={"class_name": "RandomUniform", "config": {
                "minval": -0.05, "maxval": 0.05, "seed": None}}, embeddings_regularizer=None,
            activity_regularizer=None, embeddings_constraint=None, mask_zero=False,
            input_length=5),
        old("CuDNNLSTM", "cu_dnnlstm_1", units=3, return_sequences=True, unit_forget_bias=True,
            **fast),
        old("CuDNNGRU", "cu_dnngru_1", units=2, return_sequences=True, **fast),
        old("GRU", "gru_1", units=3, return_sequences=False, unroll=False, activation="tanh",
            recurrent_activation="sigmoid", use_bias=True, dropout=0.0, recurrent_dropout=0.0,
            implementation=1, **fast),
        dense("dense_1", 2)]}}
    names = ["kernel", "recurrent_kernel", "bias"]
    layers = [("embedding_1", arrays(model.layers[0], ["embeddings"])),
              ("cu_dnnlstm_1", cudnn(model.layers[1], 4)),
              ("cu_dnngru_1", cudnn(model.layers[2], 3)),
              ("gru_1", arrays(model.layers[3], names)), ("dense_1", arrays(model.layers[4]))]
    return model, [random.integers(0, 7, (3, 5)).astype("int32")], dict(
        config=config, layers=layers, version="2.2.4")


def keras24_operations(random):
    """Keras 2.4: operations of TensorFlow among the layers, arguments by name, losses as objects."""
    query, value = keras.Input((3, 4), name="query"), keras.Input((5, 4), name="value")
    y = L.MultiHeadAttention(2, 3, name="attention")(query, value)
    y = L.Rescaling(0.5, name="tf.math.multiply")(L.Add(name="tf.__operators__.add")([y, query]))
    y = L.Rescaling(-1.0, offset=2.0, name="tf.math.subtract")(
        L.Activation("relu", name="tf.nn.relu")(y))
    y = L.Flatten(name="flatten")(y)
    model = keras.Model([query, value], L.Dense(1, name="out")(y), name="model")
    randomize(model.weights, random)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9),
                  keras.losses.BinaryCrossentropy(from_logits=True),
                  metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="hits")])
    x = [random.standard_normal((4, 3, 4)), random.standard_normal((4, 5, 4))]
    x = [value.astype("float32") for value in x]
    y = random.integers(0, 2, (4, 1)).astype("float32")
    for _ in range(2):
        model.train_on_batch(x, y)
    policy = {"class_name": "Policy", "config": {"name": "float32"}}

    def operation(name, function, inbound):
        return old("TFOpLambda", name, inbound, dtype="float32", function=function)

    config = {"class_name": "Functional", "config": {"name": "model", "layers": [
        old("InputLayer", "query", [], batch_input_shape=[None, 3, 4], dtype="float32",
            sparse=False, ragged=False),
        old("InputLayer", "value", [], batch_input_shape=[None, 5, 4], dtype="float32",
            sparse=False, ragged=False),
        old("MultiHeadAttention", "attention", [[["query", 0, 0, {"value": ["value", 0, 0]}]]],
            dtype=policy, num_heads=2, key_dim=3, value_dim=3, dropout=0.0, use_bias=True,
            output_shape=None, attention_axes=[1], kernel_initializer=glorot(),
            bias_initializer={"class_name": "Zeros", "config": {}}, query_shape=[None, 3, 4],
            key_shape=[None, 5, 4], value_shape=[None, 5, 4]),
        operation("tf.__operators__.add", "__operators__.add",
                  [["attention", 0, 0, {"y": ["query", 0, 0], "name": None}]]),
        operation("tf.math.multiply", "math.multiply",
                  [["tf.__operators__.add", 0, 0, {"y": 0.5, "name": None}]]),
        operation("tf.nn.relu", "nn.relu", [["tf.math.multiply", 0, 0, {"name": None}]]),
        operation("tf.math.subtract", "math.subtract",
                  [["_CONSTANT_VALUE", -1, 2.0, {"y": ["tf.nn.relu", 0, 0], "name": None}]]),
        old("Flatten", "flatten", [[["tf.math.subtract", 0, 0, {}]]], dtype=policy,
            data_format="channels_last"),
        {**dense("out", 1), "name": "out", "inbound_nodes": [[["flatten", 0, 0, {}]]]}],
        "input_layers": [["query", 0, 0], ["value", 0, 0]], "output_layers": [["out", 0, 0]]}}
    order = ["query", "value", "attention", "tf.__operators__.add", "tf.math.multiply",
             "tf.nn.relu", "tf.math.subtract", "flatten", "out"]
    layers = [(name, arrays(model.get_layer(name))) for name in order]
    training = {"loss": {"class_name": "BinaryCrossentropy", "config": {
        "reduction": "auto", "name": "binary_crossentropy", "from_logits": True,
        "label_smoothing": 0}}, "metrics": [[{"class_name": "MeanMetricWrapper", "config": {
            "name": "hits", "dtype": "float32", "fn": "binary_accuracy", "threshold": 0.0}}]],
        "weighted_metrics": None, "loss_weights": None, "optimizer_config": {
            "class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.05, "decay": 0.0,
                                            "momentum": 0.9, "nesterov": False}}}
    values = [np.asarray(v) for v in model.optimizer.variables]
    optimizer = [("SGD/iter:0", values[0].astype("int64"))] + [
        (f"SGD/{v.path.split('/')[-1]}:0", np.asarray(v)) for v in model.optimizer.variables[2:]]
    return model, x, dict(config=config, layers=layers, training=training, optimizer=optimizer,
                          version="2.4.0", fixed=True), y


def keras3_tokens(random):
    """Keras 3: the operations that make a mask lie among the layers, as if they were some."""
    tokens = keras.Input((6,), dtype="int32", name="tokens")
    words = L.Embedding(7, 4, mask_zero=True, name="words")(tokens)
    model = keras.Model(tokens, L.Dense(2, name="out")(L.LSTM(3, name="read")(words)))
    x = random.integers(1, 7, (3, 6)).astype("int32")
    x[0, 4:] = x[1, 2] = 0
    return model, [x], None


def keras3_masks(random):
    """Keras 3: masks that are put together, and operations that the user wrote."""
    a, b = (keras.Input((5,), dtype="int32", name=name) for name in "ab")
    steps = keras.Input((5, 4), name="steps")
    words = L.Embedding(7, 4, mask_zero=True, name="words")
    both = L.Add(name="both")([words(a), words(b)])
    kept = L.Masking(0.5, name="kept")(steps)
    wide = L.Concatenate(name="wide")([both, kept])
    read = L.GRU(3, return_sequences=True, name="read")(kept)
    wide = L.Bidirectional(L.LSTM(2, return_sequences=True), name="ways")(wide)
    mean = L.GlobalAveragePooling1D(name="mean")(wide)
    last = keras.ops.relu(L.GRU(4, name="last")(read) * 2.0) + mean
    share = keras.ops.softmax(keras.ops.concatenate([L.Dense(4, name="d")(steps), steps], axis=1),
                              axis=1)
    model = keras.Model([a, b, steps], [last, keras.ops.elu(share - 0.5, alpha=0.5)])
    x = [random.integers(0, 3, (3, 5)).astype("int32") for _ in range(2)]
    values = random.standard_normal((3, 5, 4))
    values[0, 3:] = values[1, 1] = 0.5
    # A step of each example counts.
    x[0][:, 0] = 1
    return model, [*x, values], None


CASES = [keras1_mlp, keras2_cnn, keras2_functional, keras22_recurrent, keras24_operations,
         keras3_tokens, keras3_masks]


def evaluate(case, folder):
    random = start(case.__name__)
    model, inputs, file, *target = case(random)
    if file is None:  # Keras 3 still writes such files
        randomize(model.weights, random)
        model.save(folder / f"{case.__name__}.h5")
    else:
        write(folder / f"{case.__name__}.h5", **file)
    if case is keras2_cnn:
        layers = file["layers"]
        write(folder / "keras2_cnn_weights.h5", layers, version="2.0.5", fixed=True)
    inputs = [value if value.dtype == "int32" else value.astype("float32") for value in inputs]
    x = inputs if len(inputs) > 1 else inputs[0]
    result = {f"input.{i}": value for i, value in enumerate(inputs)}
    entry = {"name": case.__name__, "file": f"{case.__name__}.h5", "inputs": list(result),
             "evaluation": None, "after": None}
    outputs = model.predict(x, verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    result["output"] = outputs[0]
    entry["outputs"] = ["output"]
    for i, value in enumerate(outputs[1:]):
        entry["outputs"].append(f"output.{i + 1}")
        result[f"output.{i + 1}"] = value
    if target:
        result["target"] = target[0]
        entry["evaluation"] = {key: float(value) for key, value in model.evaluate(
            x, target[0], verbose=0, return_dict=True).items()}
        for _ in range(3):
            model.train_on_batch(x, target[0])
        entry["after"] = "after"
        result["after"] = model.predict(x, verbose=0)
    write_npz(folder / f"{case.__name__}.npz", result)
    return entry


if __name__ == "__main__":
    folder = clear(GOLDEN / "legacy_files")
    finish("legacy_files", [evaluate(case, folder) for case in CASES], folder)
