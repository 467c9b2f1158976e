"""Layers that prepare numbers: Normalization, Discretization, CategoryEncoding, Pipeline."""

from common import np

from layer_cases import L, case, constant, integers, normal, uniform


def cases():
    yield from normalization()
    yield from discretization()
    yield from category_encoding()
    yield from pipelines()


def normalization():
    features = normal(40, 4, scale=3.0, mean=2.0)
    for invert in (False, True):
        suffix = "_inverted" if invert else ""
        yield case(f"normalization_states{suffix}", lambda i=invert: L.Normalization(invert=i),
                   normal(3, 4), random_weights=False)
        yield case(f"normalization_scalar{suffix}",
                   lambda i=invert: L.Normalization(axis=None, mean=1.5, variance=4.0, invert=i),
                   normal(3, 4))
        yield case(f"normalization_given{suffix}",
                   lambda i=invert: L.Normalization(
                       mean=[1.0, -2.0, 0.5], variance=[4.0, 0.25, 0.0], invert=i),
                   normal(2, 5, 3))
        yield case(f"normalization_adapted{suffix}", lambda i=invert: L.Normalization(invert=i),
                   normal(5, 4), adapt=features)
    for name, axis, shape in [
        ("axis_1", 1, (2, 3, 4)), ("axes", (1, 3), (2, 3, 2, 4)), ("axes_unsorted", (-1, 1), (2, 3, 2, 4)),
        ("none", None, (2, 3, 4)), ("first_axis", 0, (3, 4)), ("images", -1, (2, 4, 5, 3)),
        ("all_axes", (0, 1), (2, 3)),
    ]:
        yield case(f"normalization_adapted_{name}", lambda a=axis: L.Normalization(axis=a),
                   normal(*shape), adapt=normal(*shape, scale=2.0, mean=1.0))
        yield case(f"normalization_states_{name}", lambda a=axis: L.Normalization(axis=a),
                   normal(*shape), random_weights=False)
    yield case("normalization_constant_feature", lambda: L.Normalization(), normal(3, 2),
               adapt=constant([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]]))
    yield case("normalization_integers", lambda: L.Normalization(), integers(9, 4, 3),
               adapt=constant([[1.0, 5.0, 0.0], [2.0, 7.0, 8.0], [4.0, 1.0, 3.0]]))
    yield case("normalization_one_feature", lambda: L.Normalization(), normal(7, 1),
               adapt=normal(33, 1))
    yield case("normalization_vector", lambda: L.Normalization(axis=None), normal(9),
               adapt=normal(31))
    yield case("normalization_one_mean_of_many", lambda: L.Normalization(
        axis=(1, 2), mean=[1.0, 2.0, 3.0], variance=[1.0, 2.0, 4.0]), normal(2, 2, 3))
    yield case("normalization_mean_of_two_axes", lambda: L.Normalization(
        axis=(1, 2), mean=[[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]],
        variance=[[1.0, 2.0, 4.0], [3.0, 1.0, 0.5]]), normal(2, 2, 3))
    yield case("normalization_mean_of_one", lambda: L.Normalization(mean=[1.0], variance=[2.0]),
               normal(2, 4))
    yield case("normalization_far_from_zero", lambda: L.Normalization(),
               normal(4, 3, scale=2.0, mean=1000.0), adapt=normal(64, 3, scale=2.0, mean=1000.0),
               tolerance=1e-3)
    yield case("normalization_large", lambda: L.Normalization(), normal(33, 17),
               adapt=normal(257, 17))
    yield case("normalization_float16", lambda: L.Normalization(
        mean=[1.0, 2.0], variance=[4.0, 9.0], dtype="float16"), normal(3, 2), tolerance=2e-3)
    yield case("normalization_masked", lambda: L.Normalization(mean=1.0, variance=2.0, axis=None),
               normal(3, 5, 2),
               masks={0: constant([[1, 1, 1, 0, 0], [1] * 5, [1, 0, 0, 0, 0]], bool)})


def discretization():
    boundaries = [-1.0, 0.0, 0.5, 2.0]
    for mode in ("int", "one_hot", "multi_hot", "count"):
        make = lambda m=mode: L.Discretization(bin_boundaries=boundaries, output_mode=m)
        for name, shape in [("matrix", (4, 3)), ("column", (5, 1)), ("vector", (6,)),
                            ("cube", (2, 3, 4))]:
            yield case(f"discretization_{mode}_{name}", make, normal(*shape), gradients=False)
    edges = constant([[-1.0, 0.0, 0.5, 2.0, -1.0001, 1.9999, float("inf"), float("-inf")]])
    yield case("discretization_edges", lambda: L.Discretization(bin_boundaries=boundaries), edges,
               gradients=False, finite=False)
    yield case("discretization_nan", lambda: L.Discretization(bin_boundaries=boundaries),
               constant([[float("nan"), 0.0]]), gradients=False, finite=False)
    yield case("discretization_equal_boundaries",
               lambda: L.Discretization(bin_boundaries=[0.0, 0.0, 1.0]), normal(4, 3),
               gradients=False)
    yield case("discretization_no_boundaries", lambda: L.Discretization(bin_boundaries=[]),
               normal(2, 3), gradients=False)
    yield case("discretization_integers", lambda: L.Discretization(bin_boundaries=[2.0, 4.0, 7.0]),
               integers(10, 4, 3), gradients=False)
    yield case("discretization_large", lambda: L.Discretization(
        bin_boundaries=np.linspace(-2, 2, 41).tolist()), normal(67, 17), gradients=False)
    for count, bins, epsilon in [(5, 3, 0.01), (50, 4, 0.01), (99, 10, 0.01), (250, 7, 0.01),
                                 (300, 4, 0.1), (1000, 5, 0.02), (20, 40, 0.01), (64, 1, 0.01),
                                 (150, 3, 0.5), (333, 6, 0.003)]:
        yield case(f"discretization_adapted_{count}_{bins}_{epsilon}",
                   lambda b=bins, e=epsilon: L.Discretization(num_bins=b, epsilon=e),
                   normal(6, 20), adapt=normal(count), gradients=False)
    yield case("discretization_adapted_matrix",
               lambda: L.Discretization(num_bins=5, output_mode="one_hot"), normal(6, 4),
               adapt=uniform(0, 3, 40, 4), gradients=False)
    yield case("discretization_adapted_ties", lambda: L.Discretization(num_bins=4), integers(
        9, 5, 5), adapt=integers(7, 130), gradients=False)


def category_encoding():
    for mode in ("one_hot", "multi_hot", "count"):
        make = lambda m=mode: L.CategoryEncoding(num_tokens=6, output_mode=m)
        for name, shape in [("matrix", (4, 3)), ("column", (5, 1)), ("vector", (6,))]:
            yield case(f"category_encoding_{mode}_{name}", make, integers(6, *shape),
                       gradients=False)
        yield case(f"category_encoding_{mode}_out_of_range", make,
                   constant([[-1, 2, 6], [7, 0, 5]], "int32"), gradients=False)
        yield case(f"category_encoding_{mode}_floats", make, constant([[1.0, 2.0], [0.0, 5.0]]),
                   gradients=False)
    yield case("category_encoding_one_hot_cube", lambda: L.CategoryEncoding(
        num_tokens=4, output_mode="one_hot"), integers(4, 2, 3, 2), gradients=False)
    yield case("category_encoding_one_hot_cube_column", lambda: L.CategoryEncoding(
        num_tokens=4, output_mode="one_hot"), integers(4, 2, 3, 1), gradients=False)
    yield case("category_encoding_count_cube", lambda: L.CategoryEncoding(
        num_tokens=4, output_mode="count"), integers(4, 2, 5, 3), gradients=False)
    yield case("category_encoding_multi_hot_cube", lambda: L.CategoryEncoding(
        num_tokens=4, output_mode="multi_hot"), integers(4, 2, 5, 3), gradients=False)
    yield case("category_encoding_weights", lambda: L.CategoryEncoding(
        num_tokens=5, output_mode="count"), integers(5, 4, 6), gradients=False,
        arrays={"count_weights": normal(4, 6)})
    yield case("category_encoding_weights_vector", lambda: L.CategoryEncoding(
        num_tokens=5, output_mode="count"), integers(5, 6), gradients=False,
        arrays={"count_weights": normal(6)})
    yield case("category_encoding_large", lambda: L.CategoryEncoding(
        num_tokens=301, output_mode="count"), integers(301, 33, 65), gradients=False)
    yield case("category_encoding_default", lambda: L.CategoryEncoding(num_tokens=3),
               integers(3, 4, 2), gradients=False)
    yield case("category_encoding_int64", lambda: L.CategoryEncoding(
        num_tokens=3, output_mode="count", dtype="int32"), integers(3, 4, 5), gradients=False)


def pipelines():
    def normalization(**options):
        layer = L.Normalization(**options)
        layer.build((3, 4))  # in a compiled function Keras would keep what JAX throws away
        return layer

    yield case("pipeline", lambda: L.Pipeline([
        L.Rescaling(2.0, offset=1.0), normalization(mean=1.0, variance=4.0, axis=None)]),
               normal(3, 4))
    yield case("pipeline_states", lambda: L.Pipeline([L.Rescaling(0.5), normalization()]),
               normal(3, 4), random_weights=False)
    yield case("pipeline_bins", lambda: L.Pipeline([
        L.Discretization(bin_boundaries=[-0.5, 0.5]),
        L.CategoryEncoding(num_tokens=3, output_mode="one_hot")]), normal(6, 1), gradients=False)
    yield case("pipeline_dense", lambda: L.Pipeline([L.Rescaling(0.5), L.Dense(3)]), normal(2, 4))
