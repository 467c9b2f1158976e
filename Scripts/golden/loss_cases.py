"""The losses beside those in losses.py: settings, and targets and predictions that they are for."""

from common import keras, np, start

K = keras.losses
MATRIX, SEQUENCE = (6, 5), (3, 4, 5)
SHAPES = {"matrix": MATRIX, "sequence": SEQUENCE}


def softmax(x, axis=-1):
    exponentials = np.exp(x - x.max(axis, keepdims=True))
    return (exponentials / exponentials.sum(axis, keepdims=True)).astype("float32")


def normal(random, shape):
    return random.standard_normal(shape).astype("float32")


def labels(random, shape, axis=-1):
    others = tuple(np.delete(shape, axis))
    return random.integers(0, shape[axis], others).astype("int32")


def hot(random, shape, axis=-1):
    return np.moveaxis(np.eye(shape[axis], dtype="float32")[labels(random, shape, axis)], -1, axis)


def numbers(random, shape):
    return normal(random, shape), 2 * normal(random, shape)


def nonzero(random, shape):
    y = normal(random, shape)
    return np.sign(y) * (0.5 + np.abs(y)), 2 * normal(random, shape)


def counts(random, shape):
    return (random.integers(0, 6, shape).astype("float32"),
            (0.1 + 3 * random.random(shape)).astype("float32"))


def signs(random, shape):
    return 2 * random.integers(0, 2, shape).astype("float32") - 1, normal(random, shape)


def bits(random, shape):
    return random.integers(0, 2, shape).astype("float32"), normal(random, shape)


def scores(random, shape):
    return hot(random, shape), normal(random, shape)


def distributions(random, shape):
    return softmax(normal(random, shape)), softmax(normal(random, shape))


def classes(axis=-1):
    def targets(random, shape):
        return hot(random, shape, axis), softmax(normal(random, shape), axis)
    return targets


def sparse(axis=-1):
    def targets(random, shape):
        return labels(random, shape, axis), softmax(normal(random, shape), axis)
    return targets


def masks(random, shape):
    """Targets 0 or 1 and probabilities."""
    return (random.integers(0, 2, shape).astype("float32"),
            (1 / (1 + np.exp(-2 * normal(random, shape)))).astype("float32"))


def embeddings(random, shape):
    """Labels of which one is alone, and vectors of length 0.9: none is at distance 0."""
    y = np.array([0, 1, 2, 0, 1, 0, 7, 2][:shape[0]], "int32")
    x = normal(random, shape)
    return y, (0.9 * x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")


def spelling(random, shape):
    """Labels from 1, padded with 0: one sample with neighbors that are equal, one with none."""
    y = np.array([[1, 2, 4], [3, 3, 0], [0, 0, 0], [2, 0, 0]], "int32")[:shape[0]]
    return y, 2 * normal(random, shape)


def named(loss, variant=""):
    name = keras.src.utils.naming.to_snake_case(loss.__name__)
    return f"{name}{'_' + variant if variant else ''}"


def table():
    """Names, losses, settings, targets and shapes."""
    for loss, targets in (
            (K.LogCosh, numbers), (K.MeanAbsolutePercentageError, nonzero),
            (K.MeanSquaredLogarithmicError, counts), (K.Poisson, counts),
            (K.CosineSimilarity, numbers), (K.Hinge, signs), (K.SquaredHinge, signs),
            (K.CategoricalHinge, scores), (K.KLDivergence, distributions),
            (K.CategoricalFocalCrossentropy, classes()), (K.BinaryFocalCrossentropy, masks),
            (K.Dice, masks), (K.Tversky, masks)):
        for shape_name, shape in SHAPES.items():
            yield named(loss, shape_name), loss, {}, targets, shape
    for loss in (K.LogCosh, K.MeanAbsolutePercentageError):
        yield named(loss, "one_unit"), loss, {}, nonzero, (6, 1)
    for loss in (K.Hinge, K.SquaredHinge):
        yield named(loss, "bits"), loss, {}, bits, MATRIX
        yield named(loss, "numbers"), loss, {}, numbers, MATRIX
    yield "huber_delta", K.Huber, {"delta": 0.3}, numbers, MATRIX
    yield "cosine_similarity_axis", K.CosineSimilarity, {"axis": 1}, numbers, SEQUENCE
    yield "cosine_similarity_axis_zero", K.CosineSimilarity, {"axis": -2}, numbers, MATRIX
    yield "kl_divergence_hot", K.KLDivergence, {}, classes(), MATRIX

    yield ("categorical_crossentropy_axis", K.CategoricalCrossentropy, {"axis": 1}, classes(1),
           SEQUENCE)
    yield ("categorical_crossentropy_axis_logits", K.CategoricalCrossentropy,
           {"axis": -2, "from_logits": True}, scores, SEQUENCE)
    yield "binary_crossentropy_axis", K.BinaryCrossentropy, {"axis": 1}, masks, SEQUENCE
    yield ("binary_crossentropy_axis_logits", K.BinaryCrossentropy,
           {"axis": 1, "from_logits": True}, bits, SEQUENCE)
    # On JAX Keras takes other axes only where all but the first have one size.
    yield ("sparse_crossentropy_axis", K.SparseCategoricalCrossentropy, {"axis": 1}, sparse(1),
           (2, 3, 3))
    yield ("sparse_crossentropy_axis_logits", K.SparseCategoricalCrossentropy,
           {"axis": 1, "from_logits": True}, sparse(1), (2, 3, 3))

    focal = K.CategoricalFocalCrossentropy
    for variant, settings in {
            "gamma": {"gamma": 3.5, "alpha": 0.6}, "flat": {"gamma": 0.0}, "steep": {"gamma": 0.5},
            "linear": {"gamma": 1.0}, "alphas": {"alpha": [0.1, 0.2, 0.3, 0.4, 0.5]},
            "smoothed": {"label_smoothing": 0.2}}.items():
        yield named(focal, variant), focal, settings, classes(), MATRIX
    yield named(focal, "logits"), focal, {"from_logits": True}, scores, SEQUENCE
    yield named(focal, "axis"), focal, {"axis": 1}, classes(1), SEQUENCE
    yield named(focal, "axis_logits"), focal, {"axis": 1, "from_logits": True}, scores, SEQUENCE
    focal = K.BinaryFocalCrossentropy
    for variant, settings in {
            "balanced": {"apply_class_balancing": True},
            "alpha": {"apply_class_balancing": True, "alpha": 0.7, "gamma": 3.0},
            "flat": {"gamma": 0.0}, "steep": {"gamma": 0.5}, "linear": {"gamma": 1.0},
            "smoothed": {"label_smoothing": 0.2, "apply_class_balancing": True}}.items():
        yield named(focal, variant), focal, settings, masks, MATRIX
    yield named(focal, "logits"), focal, {"from_logits": True}, bits, SEQUENCE
    yield (named(focal, "logits_smoothed"), focal, {"from_logits": True, "label_smoothing": 0.1},
           bits, MATRIX)
    yield named(focal, "axis"), focal, {"axis": 1}, masks, SEQUENCE
    for shape_name, shape in SHAPES.items():
        loss = K.CategoricalGeneralizedCrossEntropy
        yield named(loss, shape_name), loss, {}, sparse(), shape
        for q in (0.1, 0.7, 0.99):
            name = named(loss, f"{q}_{shape_name}".replace("0.", "0"))
            yield name, loss, {"q": q}, sparse(), shape

    for loss in (K.Dice, K.Tversky):
        yield named(loss, "axis"), loss, {"axis": 1}, masks, MATRIX
        yield named(loss, "axes"), loss, {"axis": [1, 2]}, masks, SEQUENCE
        yield named(loss, "pixels"), loss, {"axis": (1, 2)}, masks, (2, 3, 3, 2)
        yield named(loss, "last"), loss, {"axis": -1}, masks, SEQUENCE
        yield named(loss, "all"), loss, {}, masks, (2, 3, 3, 2)
    yield "tversky_weights", K.Tversky, {"alpha": 0.3, "beta": 0.7}, masks, MATRIX
    yield ("tversky_weights_axis", K.Tversky, {"alpha": 0.9, "beta": 0.0, "axis": -1}, masks,
           SEQUENCE)

    for variant, settings in {
            "": {}, "soft": {"gamma": 3.0, "margin": 0.25},
            "diagonal": {"remove_diagonal": False}, "wide": {"gamma": 10.0, "margin": 0.7}}.items():
        yield named(K.Circle, variant), K.Circle, settings, embeddings, (8, 4)
    yield "ctc", K.CTC, {}, spelling, (4, 7, 5)
    yield "ctc_short", K.CTC, {}, spelling, (4, 3, 5)
    yield "ctc_sum", K.CTC, {"reduction": "sum"}, spelling, (4, 5, 6)

    for reduction in ("sum", "mean", "mean_with_sample_weight"):
        for loss, targets, shape in (
                (K.Hinge, signs, SEQUENCE), (K.KLDivergence, distributions, SEQUENCE),
                (K.Dice, masks, MATRIX), (K.Tversky, masks, SEQUENCE),
                (K.Circle, embeddings, (8, 4))):
            yield named(loss, reduction), loss, {"reduction": reduction}, targets, shape


def cases():
    for name, loss, settings, targets, shape in table():
        y_true, y_pred = targets(start(name), shape)
        yield name, loss(**settings), settings, y_true, y_pred


def extremes():
    """Numbers at and beyond the ends of what losses are for, where Keras's results are finite."""
    ends = np.array([[1, 0, 0], [0, 1, 0], [0.5, 0.25, 0.25], [0, 0.5, 0.5]], "float32")
    right = np.eye(3, dtype="float32")[[0, 0, 1, 2]]
    large = np.array([[1e4, -1e4, 5], [-1e4, 1e4, 50]], "float32")
    small = np.array([[1e-3, -1e-3, 0], [1, -1, 0.5]], "float32")
    for loss in (K.KLDivergence, K.CategoricalFocalCrossentropy, K.BinaryFocalCrossentropy, K.Dice,
                 K.Tversky, K.CategoricalHinge):
        yield named(loss, "extremes"), loss(), {}, right, ends
    yield "dice_nothing", K.Dice(axis=1), {"axis": 1}, 0 * right, 0 * ends
    yield "tversky_nothing", K.Tversky(axis=1), {"axis": 1}, 0 * right, 0 * ends
    for loss in (K.LogCosh, K.SquaredHinge, K.Hinge, K.CosineSimilarity,
                 K.MeanAbsolutePercentageError, K.MeanSquaredLogarithmicError):
        yield named(loss, "extremes"), loss(), {}, small, large
    yield ("poisson_extremes", K.Poisson(), {}, np.array([[0, 1, 100]], "float32"),
           np.array([[0, 1e-9, 1e4]], "float32"))
    yield ("circle_alone", K.Circle(), {}, np.arange(4).astype("int32"),
           embeddings(start("circle_alone"), (4, 3))[1])
