"""Golden data of losses: values, values per sample, gradients."""

from common import GOLDEN, clear, generator, jax, keras, np, start, write_family, write_json
import loss_cases as more

import jax.numpy as jnp


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


def weighted(name, loss, settings, arrays, weight, mask=None):
    """Value, values per sample and gradient of a loss, added to the arrays under a prefix."""
    y_true = jnp.asarray(arrays["y_true"])

    def value(y_pred, reduction):
        if mask is not None:
            y_pred = y_pred + 0
            keras.src.backend.set_keras_mask(y_pred, jnp.asarray(mask))
        # Some losses of Keras leave settings out of their configuration.
        loss_class = type(loss)(**{**settings, "reduction": reduction})
        return loss_class(y_true, y_pred, sample_weight=weight)

    y_pred = jnp.asarray(arrays["y_pred"])
    arrays[f"{name}value"] = value(y_pred, loss.reduction)
    arrays[f"{name}gradient"] = jax.grad(lambda p: value(p, loss.reduction))(y_pred)
    if not name:
        arrays["per_sample"] = value(y_pred, "none")


def all_variants(name, loss, settings, labels, predictions, few=False):
    """A loss with and without weights and masks, as far as these fit its values."""
    random = generator(name + " weights")
    arrays = {"y_true": labels, "y_pred": predictions}
    variants = ["", "weighted."]
    weighted("", loss, settings, arrays, None)
    shape = arrays["per_sample"].shape
    # One weight a sample needs an axis of one beside the steps: Keras does not add it.
    weight_shape = (predictions.shape[0],) + (1,) * (len(shape) - 1)
    # By their sum Keras divides as they are given, not as they are spread over the steps.
    if shape and (shape[0] != predictions.shape[0] or loss.reduction == "mean_with_sample_weight"):
        weight_shape = shape
    arrays["weighted.sample_weight"] = random.random(weight_shape).astype("float32")
    arrays["weighted.sample_weight"][1] = 0
    weighted("weighted.", loss, settings, arrays, arrays["weighted.sample_weight"])
    if shape == (3, 4) and predictions.shape[:2] == shape:
        steps = random.random(shape).astype("float32")
        steps[1, 2:] = 0
        if not few:
            arrays["weighted_steps.sample_weight"] = steps
            weighted("weighted_steps.", loss, settings, arrays, steps)
        mask = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1]], bool)
        if not few:
            arrays["masked.mask"] = mask
            weighted("masked.", loss, settings, arrays, None, mask)
        arrays["masked_weighted.mask"] = mask
        arrays["masked_weighted.sample_weight"] = steps
        weighted("masked_weighted.", loss, settings, arrays, steps, mask)
        variants += ([] if few else ["weighted_steps.", "masked."]) + ["masked_weighted."]
    return loss_entry(name, loss, settings, arrays, variants)


def plain(name, loss, settings, labels, predictions):
    """A loss without weights and masks."""
    arrays = {"y_true": labels, "y_pred": predictions}
    weighted("", loss, settings, arrays, None)
    return loss_entry(name, loss, settings, arrays, [""])


def losses():
    for name, kind, loss, settings, shape, logits in loss_cases():
        labels, predictions, scores = targets(kind, start(name), shape)
        if "ignore_minus_one" in name:
            labels[0, :2] = -1
        yield all_variants(name, loss(**settings), settings, labels,
                           scores if logits else predictions,
                           few=not name.startswith(("mean_squared", "sparse")))
    yield from extremes()
    # Weights and masks are much the same for all losses: a few cases of each have them.
    weighed = ("sequence", "all", "ctc", "circle", "sum", "sample_weight")
    for name, loss, settings, labels, predictions in more.cases():
        if name.endswith(weighed):
            yield all_variants(name, loss, settings, labels, predictions, few=True)
        else:
            yield plain(name, loss, settings, labels, predictions)
    for case in more.extremes():
        yield plain(*case)


def extremes():
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
            settings = {"from_logits": logits}
            arrays = {"y_true": target, "y_pred": big if logits else one}
            weighted("", loss(**settings), settings, arrays, None)
            yield loss_entry(name, loss(**settings), settings, arrays, [""])
    name = "categorical_crossentropy_unnormalized"
    instance = keras.losses.CategoricalCrossentropy()
    arrays = {"y_true": hot, "y_pred": 2 * probabilities(start(name), 4, 3)}
    weighted("", instance, {}, arrays, None)
    yield loss_entry(name, instance, {}, arrays, [""])


def loss_entry(name, loss, settings, arrays, variants):
    present = [{"prefix": prefix,
                "sample_weight": f"{prefix}sample_weight" in arrays,
                "mask": f"{prefix}mask" in arrays} for prefix in variants]
    entry = {"name": name, "config": keras.saving.serialize_keras_object(loss),
             "settings": settings, "variants": present}
    return entry, arrays


def loss_names():
    """What strings Keras finds losses by, and what they find. Its two base classes are none."""
    bases = {keras.losses.Loss, keras.src.losses.losses.LossFunctionWrapper}
    return [{"name": name, "loss": found.__name__}
            for name, found in sorted(keras.src.losses.ALL_OBJECTS_DICT.items())
            if found not in bases]


if __name__ == "__main__":
    results = list(losses())
    folder = clear(GOLDEN / "losses")
    write_family(folder, "losses", results)
    write_json(folder / "names.json", {"cases": loss_names()})
