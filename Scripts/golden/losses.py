"""Golden data of losses and metrics: values, values per sample, gradients; running results."""

from common import GOLDEN, clear, finish, jax, keras, np, start, write_npz

import jax.numpy as jnp
from keras.src.trainers.compile_utils import get_metric


def probabilities(random, *shape):
    logits = random.standard_normal(shape)
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(-1, keepdims=True)).astype("float32")


def one_hot(random, *shape):
    return np.eye(shape[-1], dtype="float32")[random.integers(0, shape[-1], shape[:-1])]


def targets(kind, random, shape):
    """Targets and predictions for outputs of a shape. Sparse targets have one axis fewer."""
    logits = (2 * random.standard_normal(shape)).astype("float32")
    sigmoid = (1 / (1 + np.exp(-logits))).astype("float32")
    if kind == "sparse":
        labels = random.integers(0, shape[-1], shape[:-1]).astype("int32")
        return labels, probabilities(random, *shape), logits
    if kind == "categorical":
        return one_hot(random, *shape), probabilities(random, *shape), logits
    if kind == "binary":
        return random.integers(0, 2, shape).astype("float32"), sigmoid, logits
    return random.standard_normal(shape).astype("float32"), logits, logits


def loss_cases():
    shapes = {"matrix": (6, 5), "sequence": (3, 4, 5)}
    crossentropies = [
        ("sparse", keras.losses.SparseCategoricalCrossentropy, [{}]),
        ("categorical", keras.losses.CategoricalCrossentropy, [{}, {"label_smoothing": 0.1}]),
        ("binary", keras.losses.BinaryCrossentropy, [{}, {"label_smoothing": 0.1}]),
    ]
    regressions = [keras.losses.MeanSquaredError, keras.losses.MeanAbsoluteError,
                   keras.losses.Huber]
    for kind, loss, settings in crossentropies:
        for rest in settings:
            for logits in (False, True):
                for shape_name, shape in shapes.items():
                    name = f"{kind}_crossentropy{'_logits' if logits else ''}"
                    name += "_smoothed" if rest else ""
                    yield (f"{name}_{shape_name}", kind, loss, {**rest, "from_logits": logits},
                           shape, logits)
    for loss in regressions:
        for shape_name, shape in {**shapes, "vector": (6, 1)}.items():
            name = keras.src.utils.naming.to_snake_case(loss.__name__)
            yield f"{name}_{shape_name}", "regression", loss, {}, shape, True
    yield ("binary_crossentropy_one_unit", "binary", keras.losses.BinaryCrossentropy, {}, (6, 1),
           False)
    yield ("binary_crossentropy_logits_one_unit", "binary", keras.losses.BinaryCrossentropy,
           {"from_logits": True}, (6, 1), True)
    for ignored in (0, -1):
        yield (f"sparse_crossentropy_ignore_{'zero' if ignored == 0 else 'minus_one'}", "sparse",
               keras.losses.SparseCategoricalCrossentropy,
               {"ignore_class": ignored, "from_logits": True}, (3, 4, 5), True)
    for reduction in ("sum", "mean_with_sample_weight", "mean"):
        yield (f"mean_squared_error_{reduction}", "regression", keras.losses.MeanSquaredError,
               {"reduction": reduction}, (6, 5), True)


def weighted(name, loss, arrays, weight, mask=None):
    """Value, values per sample and gradient of a loss, added to the arrays under a prefix."""
    y_true = jnp.asarray(arrays["y_true"])

    def value(y_pred, reduction):
        if mask is not None:
            y_pred = y_pred + 0
            keras.src.backend.set_keras_mask(y_pred, jnp.asarray(mask))
        config = {**loss.get_config(), "reduction": reduction}
        return type(loss).from_config(config)(y_true, y_pred, sample_weight=weight)

    y_pred = jnp.asarray(arrays["y_pred"])
    reduction = loss.reduction
    arrays[f"{name}value"] = value(y_pred, reduction)
    arrays[f"{name}per_sample"] = value(y_pred, "none")
    arrays[f"{name}gradient"] = jax.grad(lambda p: value(p, reduction))(y_pred)


def losses(folder):
    for name, kind, loss, settings, shape, logits in loss_cases():
        random = start(name)
        labels, predictions, scores = targets(kind, random, shape)
        loss = loss(**settings)
        if "ignore_minus_one" in name:
            labels[0, :2] = -1
        arrays = {"y_true": labels, "y_pred": scores if logits else predictions}
        variants = ["", "weighted."]
        weighted("", loss, arrays, None)
        # One weight a sample needs an axis of one beside the steps: Keras does not add it.
        weight_shape = (shape[0], 1) if len(shape) == 3 else (shape[0],)
        arrays["weighted.sample_weight"] = random.random(weight_shape).astype("float32")
        arrays["weighted.sample_weight"][1] = 0
        weighted("weighted.", loss, arrays, arrays["weighted.sample_weight"])
        if len(shape) == 3:
            steps = random.random(shape[:2]).astype("float32")
            steps[1, 2:] = 0
            arrays["weighted_steps.sample_weight"] = steps
            weighted("weighted_steps.", loss, arrays, steps)
            mask = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1]], bool)
            arrays["masked.mask"] = mask
            weighted("masked.", loss, arrays, None, mask)
            arrays["masked_weighted.mask"] = mask
            arrays["masked_weighted.sample_weight"] = steps
            weighted("masked_weighted.", loss, arrays, steps, mask)
            variants += ["weighted_steps.", "masked.", "masked_weighted."]
        yield loss_entry(folder, name, loss, arrays, variants)
    yield from extremes(folder)


def extremes(folder):
    """Probabilities of exactly 0 and 1, and logits so large that exp overflows."""
    one = np.array([[1, 0, 0], [0, 1, 0], [0.5, 0.25, 0.25], [0, 0.5, 0.5]], "float32")
    big = np.array([[100, 0, -100], [-100, 100, 0], [0, 0, 0], [90, 90, -90]], "float32")
    labels = np.array([0, 0, 1, 2], "int32")
    hot = np.eye(3, dtype="float32")[labels]
    for kind, target, loss in (
            ("sparse", labels, keras.losses.SparseCategoricalCrossentropy),
            ("categorical", hot, keras.losses.CategoricalCrossentropy),
            ("binary", hot, keras.losses.BinaryCrossentropy)):
        for logits in (False, True):
            name = f"{kind}_crossentropy{'_logits' if logits else ''}_extremes"
            arrays = {"y_true": target, "y_pred": big if logits else one}
            instance = loss(from_logits=logits)
            weighted("", instance, arrays, None)
            yield loss_entry(folder, name, instance, arrays, [""])
    name = "categorical_crossentropy_unnormalized"
    instance = keras.losses.CategoricalCrossentropy()
    arrays = {"y_true": hot, "y_pred": 2 * probabilities(start(name), 4, 3)}
    weighted("", instance, arrays, None)
    yield loss_entry(folder, name, instance, arrays, [""])


def loss_entry(folder, name, loss, arrays, variants):
    write_npz(folder / f"{name}.npz", arrays)
    present = [{"prefix": prefix,
                "sample_weight": f"{prefix}sample_weight" in arrays,
                "mask": f"{prefix}mask" in arrays} for prefix in variants]
    return {"name": name, "config": keras.saving.serialize_keras_object(loss), "variants": present}


def metric_cases():
    yield "accuracy_sparse", "accuracy", "sparse", (6, 5)
    yield "accuracy_sparse_sequence", "accuracy", "sparse", (3, 4, 5)
    yield "accuracy_categorical", "accuracy", "categorical", (6, 5)
    yield "accuracy_binary", "accuracy", "binary", (6, 1)
    yield "accuracy_binary_vector", "accuracy", "binary", (6, 1)
    for name, kind, shape in (
            ("mean_squared_error", "regression", (6, 5)), ("mean_absolute_error", "regression",
                                                           (6, 5)),
            ("mean_absolute_error", "regression", (3, 4, 5)),
            ("binary_accuracy", "binary", (6, 3)), ("categorical_accuracy", "categorical", (3, 4,
                                                                                            5)),
            ("sparse_categorical_accuracy", "sparse", (6, 5)),
            ("binary_crossentropy", "binary", (6, 3)), ("categorical_crossentropy", "categorical",
                                                        (6, 5)),
            ("sparse_categorical_crossentropy", "sparse", (6, 5))):
        yield f"metric_{name}_rank_{len(shape)}", name, kind, shape


def metrics(folder):
    for name, identifier, kind, shape in metric_cases():
        random = start(name)
        batches = [targets(kind, random, shape)[:2] for _ in range(2)]
        if name == "accuracy_binary_vector":  # targets without the axis of one
            batches = [(y_true[:, 0], y_pred) for y_true, y_pred in batches]
        if name == "accuracy_sparse":
            batches[0][1][0] = 0.2  # a tie: the first of equal classes wins
        arrays = {}
        entry = {"name": name, "identifier": identifier, "batches": 2, "variants": []}
        for prefix in ("", "weighted."):
            metric = get_metric(identifier, *batches[0])
            metric = keras.metrics.get(metric) if isinstance(metric, str) else metric
            if not isinstance(metric, keras.metrics.Metric):
                metric = keras.metrics.MeanMetricWrapper(metric, name=identifier)
            for i, (y_true, y_pred) in enumerate(batches):
                arrays[f"y_true.{i}"], arrays[f"y_pred.{i}"] = y_true, y_pred
                weight = None
                if prefix:
                    # As with losses, weights of sequences have an axis of one for the steps.
                    rank = 2 if len(shape) == 3 else 1
                    weight = random.random((shape[0], 1)[:rank]).astype("float32")
                    arrays[f"{prefix}sample_weight.{i}"] = weight
                metric.update_state(y_true, y_pred, sample_weight=weight)
                arrays[f"{prefix}result.{i}"] = metric.result()
            entry["variants"].append({"prefix": prefix, "sample_weight": bool(prefix)})
        entry["class_name"] = type(metric).__name__
        entry["resolved"] = metric.name
        write_npz(folder / f"{name}.npz", arrays)
        yield entry


if __name__ == "__main__":
    folder = clear(GOLDEN / "losses")
    finish("losses", list(losses(folder)), folder)
    folder = clear(GOLDEN / "metrics")
    finish("metrics", list(metrics(folder)), folder)
