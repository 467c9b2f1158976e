"""Layers that move or repeat elements."""

from layer_cases import L, case, integers, normal

FIRST = "channels_first"


def cases():
    return [*shapes(), *borders(), *repeating(), *interpolating()]


def shapes():
    yield case("flatten", lambda: L.Flatten(), normal(2, 3, 4, 2))
    yield case("flatten_vector", lambda: L.Flatten(), normal(3))
    yield case("flatten_matrix", lambda: L.Flatten(), normal(3, 4))
    yield case("flatten_channels_first", lambda: L.Flatten(data_format="channels_first"),
               normal(2, 3, 4, 2))
    yield case("reshape", lambda: L.Reshape((4, 3)), normal(2, 12))
    yield case("reshape_inferred", lambda: L.Reshape((-1, 2, 2)), normal(2, 3, 4))
    yield case("permute", lambda: L.Permute((2, 1)), normal(2, 3, 4))
    yield case("permute_rank_4", lambda: L.Permute((3, 1, 2)), normal(2, 3, 4, 5))
    yield case("repeat_vector", lambda: L.RepeatVector(3), normal(2, 4))
    yield case("flatten_volume_channels_first", lambda: L.Flatten(data_format=FIRST),
               normal(2, 3, 2, 2, 2))
    yield case("flatten_sequence_channels_first", lambda: L.Flatten(data_format=FIRST),
               normal(2, 3, 4))
    yield case("flatten_matrix_channels_first", lambda: L.Flatten(data_format=FIRST), normal(3, 4))
    yield case("reshape_vector", lambda: L.Reshape((-1,)), normal(2, 3, 2))
    yield case("reshape_same", lambda: L.Reshape((3, 4)), normal(2, 3, 4))
    yield case("reshape_nothing", lambda: L.Reshape(()), normal(3, 1))
    yield case("permute_nothing", lambda: L.Permute((1, 2)), normal(2, 3, 4))
    yield case("permute_rank_5", lambda: L.Permute((4, 2, 3, 1)), normal(2, 2, 3, 2, 4))
    yield case("repeat_vector_once", lambda: L.RepeatVector(1), normal(2, 4))
    yield case("repeat_vector_one_feature", lambda: L.RepeatVector(5), normal(3, 1))
    yield case("repeat_vector_17_features", lambda: L.RepeatVector(7), normal(2, 17))


def borders():
    images = {1: (2, 7, 3), 2: (2, 6, 7, 2), 3: (1, 4, 5, 3, 2)}
    entries = [
        (1, "default", None), (1, "number", 2), (1, "ends", (1, 3)), (1, "one_end", (2, 0)),
        (1, "nothing", 0),
        (2, "default", None), (2, "number", 1), (2, "axes", (2, 1)),
        (2, "ends", ((1, 0), (2, 1))), (2, "nothing", 0),
        (3, "default", None), (3, "number", 1), (3, "axes", (1, 2, 0)),
        (3, "ends", ((1, 0), (2, 1), (0, 1))), (3, "nothing", 0),
    ]
    for kind, family in (("cropping", "Cropping"), ("padding", "ZeroPadding")):
        for rank, name, size in entries:
            settings = {} if size is None else {kind: size}
            yield case(f"{'zero_' if kind == 'padding' else ''}{kind}_{rank}d_{name}",
                       lambda l=getattr(L, f"{family}{rank}D"), s=settings: l(**s),
                       normal(*images[rank]))
        for rank, size in ((1, (1, 2)), (2, ((1, 0), (2, 1))), (3, ((1, 0), (0, 1), (1, 1)))):
            if family == "Cropping" and rank == 1:
                continue
            shape = {1: (2, 3, 7), 2: (2, 3, 4, 5), 3: (1, 2, 3, 3, 4)}[rank]
            yield case(f"{'zero_' if kind == 'padding' else ''}{kind}_{rank}d_channels_first",
                       lambda l=getattr(L, f"{family}{rank}D"), k=kind, s=size: l(
                           **{k: s}, data_format=FIRST), normal(*shape))


def repeating():
    for name, size, shape in (("", 2, (2, 3, 2)), ("_once", 1, (2, 3, 2)), ("_one_step", 5, (2, 1, 2)),
                              ("_17_channels", 3, (1, 5, 17))):
        yield case(f"up_sampling_1d{name}", lambda s=size: L.UpSampling1D(s), normal(*shape))
    for name, size, shape in (("", (2, 3), (2, 2, 3, 2)), ("_number", 2, (2, 2, 3, 2)),
                              ("_one_axis", (1, 2), (1, 3, 2, 3)),
                              ("_17_channels", 2, (1, 3, 5, 17))):
        yield case(f"up_sampling_2d{name}", lambda s=size: L.UpSampling2D(s), normal(*shape))
    for name, size, shape in (("", (2, 1, 3), (1, 2, 3, 2, 2)), ("_number", 2, (1, 2, 1, 2, 2)),
                              ("_one_voxel", 3, (2, 1, 1, 1, 3)), ("_once", 1, (1, 2, 2, 2, 1))):
        yield case(f"up_sampling_3d{name}", lambda s=size: L.UpSampling3D(s), normal(*shape))
    yield case("up_sampling_2d_channels_first", lambda: L.UpSampling2D((2, 3), data_format=FIRST),
               normal(2, 3, 2, 3))
    yield case("up_sampling_3d_channels_first",
               lambda: L.UpSampling3D((2, 1, 3), data_format=FIRST), normal(1, 2, 2, 3, 2))


def interpolating():
    for interpolation in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
        for name, size, shape in (("", (2, 3), (2, 3, 4, 2)), ("_one_pixel", 2, (1, 1, 1, 2)),
                                  ("_one_axis", (1, 4), (1, 2, 5, 3)),
                                  ("_large", (3, 2), (1, 9, 13, 3))):
            yield case(f"up_sampling_2d_{interpolation}{name}",
                       lambda i=interpolation, s=size: L.UpSampling2D(s, interpolation=i),
                       normal(*shape))
    yield case("up_sampling_2d_bilinear_channels_first",
               lambda: L.UpSampling2D((2, 3), interpolation="bilinear", data_format=FIRST),
               normal(2, 3, 2, 3))
    yield case("up_sampling_2d_bilinear_integers",
               lambda: L.UpSampling2D(2, interpolation="bilinear"), integers(256, 1, 3, 4, 1))
