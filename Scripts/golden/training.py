"""Golden data of training: whole networks, five steps of train_on_batch, files before and after."""

from common import GOLDEN, clear, finish, keras, np, randomize, start, write_npz

import networks

STEPS, BATCH = 5, 8


def tokens(random):
    x = random.integers(1, 10, (STEPS, BATCH, 6)).astype("int32")
    x[:, 1, 3:] = 0
    x[:, 2, 5:] = 0
    return x


def padded_sequences(random):
    x = random.standard_normal((STEPS, BATCH, 6, 3)).astype("float32")
    x[:, 1, 4:] = 0
    x[:, 2, 2:] = 0
    return x


def normal(*shape):
    return lambda random: random.standard_normal((STEPS, BATCH, *shape)).astype("float32")


def labels(count):
    return lambda random: random.integers(0, count, (STEPS, BATCH)).astype("int32")


def one_hot(count):
    return lambda random: np.eye(count, dtype="float32")[labels(count)(random)]


def binary(random):
    return random.integers(0, 2, (STEPS, BATCH, 1)).astype("float32")


SPARSE = "sparse_categorical_crossentropy"
LOGITS = lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True)

CASES = [
    ("mlp", networks.mlp, [normal(12)], labels(4), SPARSE, None),
    ("cnn", networks.cnn, [normal(8, 8, 2)], labels(4), LOGITS, None),
    ("lstm", networks.lstm, [padded_sequences], one_hot(3), "categorical_crossentropy", None),
    ("gru_text", networks.gru_text, [tokens], binary, "binary_crossentropy", None),
    ("transformer", networks.transformer, [tokens], labels(3), LOGITS, None),
    ("two_inputs", networks.two_inputs, [normal(6, 6, 1), normal(3)], labels(3), SPARSE, None),
    ("residual", networks.residual, [normal(6, 6, 2)], labels(3), SPARSE, None),
    ("mlp_weighted", networks.mlp, [normal(12)], labels(4), SPARSE,
     lambda random: random.random((STEPS, BATCH)).astype("float32")),
]


def evaluate(name, network, inputs, target, loss, weight, optimizer, folder):
    random = start(name)
    model = network()
    randomize(model.weights, random)
    inputs = [make(random) for make in inputs]
    target = target(random)
    weight = weight(random) if weight else None
    settings = {"optimizer": optimizer} if optimizer else {}  # compile's default is rmsprop
    model.compile(loss=loss() if callable(loss) else loss, metrics=["accuracy"], **settings)
    first = [x[0] for x in inputs] if len(inputs) > 1 else inputs[0][0]
    arrays = {f"input.{i}": x for i, x in enumerate(inputs)}
    arrays["target"] = target
    if weight is not None:
        arrays["sample_weight"] = weight
    arrays["predictions_before"] = model.predict(first, verbose=0)
    model.save(folder / f"{name}_before.keras")
    losses, accuracies = [], []
    for step in range(STEPS):
        x = [values[step] for values in inputs] if len(inputs) > 1 else inputs[0][step]
        # Metrics are kept over steps unless they are reset, the loss among them.
        model.reset_metrics()
        logs = model.train_on_batch(
            x, target[step], sample_weight=None if weight is None else weight[step],
            return_dict=True)
        losses.append(logs["loss"])
        accuracies.append(logs["accuracy"])
    arrays["losses"] = np.array(losses, "float32")
    arrays["accuracies"] = np.array(accuracies, "float32")
    arrays["predictions_after"] = model.predict(first, verbose=0)
    model.save(folder / f"{name}_after.keras")
    write_npz(folder / f"{name}.npz", arrays)
    return {"name": name, "before": f"{name}_before.keras", "after": f"{name}_after.keras",
            "inputs": [f"input.{i}" for i in range(len(inputs))],
            "input_names": [tensor.name for tensor in model.inputs],
            "sample_weight": weight is not None, "steps": STEPS,
            "compile_config": model.get_compile_config(),
            "weights": [{"path": v.path, "trainable": v.trainable} for v in model.weights],
            "optimizer_variables": [v.path for v in model.optimizer.variables]}


if __name__ == "__main__":
    folder = clear(GOLDEN / "training")
    index = [evaluate(f"{name}_adam", network, inputs, target, loss, weight,
                      keras.optimizers.Adam(0.01), folder)
             for name, network, inputs, target, loss, weight in CASES]
    index += [evaluate(f"{name}_rmsprop", *rest, None, folder)
              for name, *rest in CASES if name in ("mlp", "transformer")]
    network, inputs = networks.mlp, [normal(12)]
    index += [evaluate("mlp_sgd", network, inputs, labels(4), SPARSE, None,
                       keras.optimizers.SGD(0.1, momentum=0.9), folder)]
    finish("training", index, folder)
