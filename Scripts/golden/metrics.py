"""Golden data of metrics: running results after batches of different sizes, and their files."""

import inspect

from common import GOLDEN, clear, keras, np, start, write_family, write_json

from keras.src.metrics import ALL_OBJECTS_DICT
from keras.src.trainers.compile_utils import get_metric
from losses import one_hot, probabilities

SIZES = (5, 8, 3)


def data(kind, random, size):
    """Targets and predictions of a batch, as a kind of question has them."""
    def uniform(*shape):
        return random.random((size, *shape)).astype("float32")

    def normal(*shape):
        return random.standard_normal((size, *shape)).astype("float32")

    def yes(*shape):
        return random.integers(0, 2, (size, *shape)).astype("float32")

    def classes(count, *shape):
        return random.integers(0, count, (size, *shape)).astype("int32")

    return {
        "sparse": lambda: (classes(5), probabilities(random, size, 5)),
        "sparse_steps": lambda: (classes(5, 4), probabilities(random, size, 4, 5)),
        "categorical": lambda: (one_hot(random, size, 5), probabilities(random, size, 5)),
        "categorical_steps": lambda: (one_hot(random, size, 4, 5),
                                      probabilities(random, size, 4, 5)),
        "binary": lambda: (yes(3), uniform(3)),
        "binary_one": lambda: (yes(1), uniform(1)),
        "binary_vector": lambda: (yes(), uniform(1)),
        "binary_logits": lambda: (yes(3), 2 * normal(3)),
        "binary_steps": lambda: (yes(4, 3), uniform(4, 3)),
        "numbers": lambda: (normal(4), normal(4)),
        "numbers_steps": lambda: (normal(4, 3), normal(4, 3)),
        "positive": lambda: (uniform(4) + 0.1, uniform(4) + 0.1),
        "classes": lambda: (classes(3, 4), classes(3, 4)),
        "sorted_classes": lambda: (classes(6),
                                   np.argsort(random.random((size, 6)), -1).astype("int32")),
        "pixels": lambda: (classes(3, 2, 2), probabilities(random, size, 2, 2, 3)),
        "pixels_first": lambda: (classes(3, 2, 2),
                                 np.moveaxis(probabilities(random, size, 2, 2, 3), -1, 1)),
        "hot_pixels": lambda: (one_hot(random, size, 2, 2, 3),
                               probabilities(random, size, 2, 2, 3)),
        "hot_to_classes": lambda: (one_hot(random, size, 4, 3), classes(3, 4)),
        "values": lambda: (None, normal(3)),
    }[kind]()


def cases():
    """Name, class, hyperparameters, kind of data; sequences are masked as well."""
    m = keras.metrics
    yield "accuracy_plain", m.Accuracy, {}, "classes"
    yield "binary_accuracy", m.BinaryAccuracy, {"threshold": 0.3}, "binary"
    yield "categorical_accuracy", m.CategoricalAccuracy, {}, "categorical_steps"
    yield "sparse_categorical_accuracy", m.SparseCategoricalAccuracy, {}, "sparse_steps"
    yield "top_k", m.TopKCategoricalAccuracy, {"k": 2}, "categorical"
    yield "sparse_top_k", m.SparseTopKCategoricalAccuracy, {"k": 2}, "sparse_steps"
    yield ("sparse_top_k_sorted", m.SparseTopKCategoricalAccuracy,
           {"k": 3, "from_sorted_ids": True}, "sorted_classes")

    for loss, kind in (("MeanSquaredError", "numbers_steps"), ("MeanAbsoluteError", "numbers"),
                       ("MeanAbsolutePercentageError", "numbers"),
                       ("MeanSquaredLogarithmicError", "positive"), ("LogCoshError", "numbers"),
                       ("KLDivergence", "categorical"), ("Poisson", "positive"),
                       ("Hinge", "binary"), ("SquaredHinge", "binary"),
                       ("CategoricalHinge", "categorical"), ("RootMeanSquaredError", "numbers"),
                       ("CosineSimilarity", "numbers"), ("PearsonCorrelation", "numbers"),
                       ("ConcordanceCorrelation", "numbers")):
        yield loss, getattr(m, loss), {}, kind
    yield "cosine_similarity_axis", m.CosineSimilarity, {"axis": 1}, "numbers_steps"
    yield "pearson_axis", m.PearsonCorrelation, {"axis": 1}, "numbers_steps"
    yield "pearson_batch", m.PearsonCorrelation, {"axis": 0}, "numbers"
    yield "concordance_axis", m.ConcordanceCorrelation, {"axis": 1}, "numbers_steps"
    yield "bce", m.BinaryCrossentropy, {"label_smoothing": 0.1}, "binary"
    yield "bce_logits", m.BinaryCrossentropy, {"from_logits": True}, "binary_logits"
    yield "cce", m.CategoricalCrossentropy, {"label_smoothing": 0.1}, "categorical"
    yield "cce_logits", m.CategoricalCrossentropy, {"from_logits": True}, "categorical"
    yield "scce", m.SparseCategoricalCrossentropy, {}, "sparse_steps"
    yield "scce_logits", m.SparseCategoricalCrossentropy, {"from_logits": True}, "sparse"

    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            yield (f"auc_{curve}_{method}", m.AUC, {"curve": curve, "summation_method": method},
                   "binary")
    yield "auc_few", m.AUC, {"num_thresholds": 2}, "binary"
    yield "auc_11", m.AUC, {"num_thresholds": 11}, "binary_one"
    yield "auc_vector", m.AUC, {}, "binary_vector"
    yield "auc_thresholds", m.AUC, {"thresholds": [0.7, 0.2, 0.4]}, "binary"
    yield "auc_even_thresholds", m.AUC, {"thresholds": [0.25, 0.5, 0.75]}, "binary"
    yield "auc_logits", m.AUC, {"from_logits": True}, "binary_logits"
    yield "auc_label_weights", m.AUC, {"label_weights": [1, 0.5, 2]}, "binary"
    for curve in ("ROC", "PR"):
        yield (f"auc_labels_{curve}", m.AUC,
               {"multi_label": True, "num_labels": 3, "curve": curve}, "binary")
    yield ("auc_labels_weights", m.AUC,
           {"multi_label": True, "num_labels": 3, "label_weights": [1, 0.5, 2]}, "binary")
    yield ("auc_labels_thresholds", m.AUC,
           {"multi_label": True, "thresholds": [0.3, 0.4, 0.8], "num_labels": 3}, "binary")

    for counts in (m.TruePositives, m.TrueNegatives, m.FalsePositives, m.FalseNegatives):
        name = keras.src.utils.naming.to_snake_case(counts.__name__)
        yield name, counts, {}, "binary"
        yield f"{name}_one", counts, {"thresholds": 0.3}, "binary_one"
        yield f"{name}_several", counts, {"thresholds": [0.8, 0.1, 0.4]}, "binary"
    yield "true_positives_even", m.TruePositives, {"thresholds": [0.0, 0.5, 1.0]}, "binary"
    for rate in (m.Precision, m.Recall):
        name = rate.__name__.lower()
        yield name, rate, {}, "binary"
        yield f"{name}_several", rate, {"thresholds": [0.6, 0.2]}, "binary"
        yield f"{name}_top_k", rate, {"top_k": 2}, "categorical"
        yield f"{name}_top_k_threshold", rate, {"top_k": 2, "thresholds": 0.3}, "categorical"
        yield f"{name}_class", rate, {"class_id": 1}, "binary"
        yield f"{name}_class_top_k", rate, {"class_id": 1, "top_k": 1}, "categorical"
    for point, key in ((m.PrecisionAtRecall, "recall"), (m.RecallAtPrecision, "precision"),
                       (m.SensitivityAtSpecificity, "specificity"),
                       (m.SpecificityAtSensitivity, "sensitivity")):
        name = keras.src.utils.naming.to_snake_case(point.__name__)
        yield name, point, {key: 0.6}, "binary"
        yield f"{name}_few", point, {key: 0.5, "num_thresholds": 5, "class_id": 2}, "binary"
        yield f"{name}_one", point, {key: 0.2, "num_thresholds": 1}, "binary"

    for average in (None, "micro", "macro", "weighted"):
        yield f"f1_{average}", m.F1Score, {"average": average}, "categorical"
        yield (f"fbeta_{average}", m.FBetaScore,
               {"average": average, "beta": 2.0, "threshold": 0.4}, "binary")

    yield "iou", m.IoU, {"num_classes": 3, "target_class_ids": [0, 2]}, "classes"
    yield ("iou_pixels", m.IoU,
           {"num_classes": 3, "target_class_ids": [1], "sparse_y_pred": False}, "pixels")
    yield "mean_iou", m.MeanIoU, {"num_classes": 3}, "classes"
    yield "mean_iou_more", m.MeanIoU, {"num_classes": 5}, "classes"
    yield "mean_iou_fewer", m.MeanIoU, {"num_classes": 2}, "classes"
    yield ("mean_iou_ignored", m.MeanIoU,
           {"num_classes": 3, "ignore_class": 1, "sparse_y_pred": False}, "pixels")
    yield ("mean_iou_hot", m.MeanIoU,
           {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False}, "hot_pixels")
    yield "binary_iou", m.BinaryIoU, {}, "binary"
    yield "binary_iou_one", m.BinaryIoU, {"target_class_ids": [1], "threshold": 0.3}, "binary"
    yield "one_hot_iou", m.OneHotIoU, {"num_classes": 3, "target_class_ids": [0, 1]}, "hot_pixels"
    yield ("one_hot_iou_sparse", m.OneHotIoU,
           {"num_classes": 3, "target_class_ids": [0, 1], "sparse_y_pred": True},
           "hot_to_classes")
    yield "one_hot_mean_iou", m.OneHotMeanIoU, {"num_classes": 3}, "hot_pixels"

    for aggregation in (None, "uniform_average", "variance_weighted_average"):
        yield f"r2_{aggregation}", m.R2Score, {"class_aggregation": aggregation}, "numbers"
    yield "r2_regressors", m.R2Score, {"num_regressors": 3}, "numbers"
    yield "r2_too_many_regressors", m.R2Score, {"num_regressors": 100}, "numbers"
    yield "mean", m.Mean, {}, "values"
    yield "sum", m.Sum, {}, "values"


def by_name():
    """Metrics chosen by a string, `accuracy` by the shapes."""
    for kind in ("sparse", "sparse_steps", "categorical", "binary_one", "binary_vector"):
        yield f"accuracy_{kind}", "accuracy", kind
    for name, kind in (("mse", "numbers"), ("MAE", "numbers_steps"), ("auc", "binary"),
                       ("log_cosh_error", "numbers"), ("cosine_similarity", "numbers"),
                       ("kl_divergence", "categorical"), ("f1_score", "categorical"),
                       ("sparse_categorical_crossentropy", "sparse")):
        yield f"name_{name}", name, kind


def heeds_masks(metric):
    return isinstance(metric, keras.metrics.MeanMetricWrapper)


def variants(name, make, kind):
    """The results after each batch: plain, weighted, masked."""
    arrays, present, random = {}, [], start(name)
    batches = [data(kind, random, size) for size in SIZES]
    if name == "accuracy_sparse":
        batches[0][1][0] = 0.2  # a tie: the first of equal classes wins
    for i, (y_true, y_pred) in enumerate(batches):
        if y_true is not None:
            arrays[f"y_true.{i}"] = y_true
        arrays[f"y_pred.{i}"] = y_pred
    for prefix in ("", "weighted.", "masked.", "masked_weighted."):
        metric = make(*batches[0])
        is_overlap = isinstance(metric, keras.metrics.IoU)
        steps = batches[0][1].shape[:2] if kind.endswith("_steps") else None
        if "masked" in prefix and (steps is None or not heeds_masks(metric)):
            continue
        if prefix and name.endswith(("_axis", "_batch")):
            continue  # values along another axis are not those of samples
        for i, (y_true, y_pred) in enumerate(batches):
            weight = None
            if "weighted" in prefix:
                # Keras adds no axes to weights but the last one.
                shape = y_pred.shape[:1]
                if kind.endswith("_steps") and heeds_masks(metric):
                    shape = y_pred.shape[:2]
                if is_overlap:
                    shape = y_pred.shape if metric.sparse_y_pred else np.delete(
                        y_pred.shape, -1)
                weight = (4 * random.random(tuple(shape))).astype("float32")
                weight.flat[1] = 0
                arrays[f"{prefix}sample_weight.{i}"] = weight
            if "masked" in prefix:
                mask = random.integers(0, 2, y_pred.shape[:2]).astype(bool)
                arrays[f"{prefix}mask.{i}"] = mask
                y_pred = keras.ops.convert_to_tensor(y_pred) + 0
                keras.src.backend.set_keras_mask(y_pred, keras.ops.convert_to_tensor(mask))
            if y_true is None:
                metric.update_state(y_pred, sample_weight=weight)
            else:
                metric.update_state(y_true, y_pred, sample_weight=weight)
            arrays[f"{prefix}result.{i}"] = np.asarray(metric.result()).reshape(-1)
        present.append({"prefix": prefix})
    return make(*batches[0]), arrays, present


def golden():
    for name, cls, settings, kind in cases():
        name = keras.src.utils.naming.to_snake_case(name)

        def make(y_true, y_pred):
            # Overlaps count in integers, which weights are not, unless told otherwise.
            rest = {"dtype": "float32"} if issubclass(cls, keras.metrics.IoU) else {}
            return cls(**settings, **rest)

        metric, arrays, present = variants(name, make, kind)
        keras.backend.clear_session(free_memory=False)
        metric = cls(**settings)
        config = keras.saving.serialize_keras_object(metric)
        if "axis" in settings:
            config["config"]["axis"] = settings["axis"]  # CosineSimilarity does not say it
        yield {"name": name, "config": config, "class_name": cls.__name__,
               "resolved": metric.name, "variants": present}, arrays
    for name, identifier, kind in by_name():
        def make(y_true, y_pred):
            return get_metric(identifier, y_true, y_pred)

        metric, arrays, present = variants(name, make, kind)
        yield {"name": name, "identifier": identifier, "class_name": type(metric).__name__,
               "resolved": metric.name, "variants": present}, arrays


def names():
    """Every string that names a metric, with its class and whether it needs hyperparameters."""
    for name, cls in sorted(ALL_OBJECTS_DICT.items()):
        # A base class, and the wrapper of a Python function.
        if cls in (keras.metrics.Metric, keras.metrics.MeanMetricWrapper):
            continue
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        yield {"name": name, "class_name": cls.__name__,
               "is_complete": all(p.default is not p.empty for p in parameters)}


if __name__ == "__main__":
    results = list(golden())
    folder = clear(GOLDEN / "metrics")
    write_family(folder, "metrics", results)
    write_json(folder / "names.json", {"cases": list(names())})
