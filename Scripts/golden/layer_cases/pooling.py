"""Pooling: windows, ties, masks."""

from layer_cases import L, MASKS, boolean, case, normal

FIRST = "channels_first"


def cases():
    return [*windows(), *volumes(), *channels_first(), *large(), *adaptive()]


def windows():
    settings = [
        ("default", {}, 8), ("odd", {}, 7), ("same_odd", {"padding": "same"}, 7),
        ("overlapping", {"pool_size": 3, "strides": 2}, 8),
        ("same_overlapping", {"pool_size": 3, "strides": 2, "padding": "same"}, 8),
        ("same_strides_one", {"pool_size": 3, "strides": 1, "padding": "same"}, 6),
        ("gaps", {"pool_size": 2, "strides": 3}, 9),
        ("same_gaps", {"pool_size": 2, "strides": 3, "padding": "same"}, 8),
    ]
    for kind in ("Max", "Average"):
        for rank in (1, 2):
            layer = getattr(L, f"{kind}Pooling{rank}D")
            for name, rest, length in settings:
                rest = {"pool_size": 2, **rest}
                shape = (2, length, 3) if rank == 1 else (2, length, length - 1, 3)
                yield case(f"{kind.lower()}_pooling_{rank}d_{name}",
                           lambda l=layer, r=rest: l(**r), normal(*shape))
        yield case(f"{kind.lower()}_pooling_2d_rectangular",
                   lambda l=getattr(L, f"{kind}Pooling2D"): l((2, 3), strides=(1, 2),
                                                              padding="same"),
                   normal(2, 5, 6, 2))
        for rank in (1, 2):
            layer = getattr(L, f"Global{kind}Pooling{rank}D")
            shape = (2, 5, 3) if rank == 1 else (2, 4, 5, 3)
            for keep in (False, True):
                yield case(f"global_{kind.lower()}_pooling_{rank}d{'_keepdims' if keep else ''}",
                           lambda l=layer, k=keep: l(keepdims=k), normal(*shape))
    yield case("max_pooling_2d_ties", lambda: L.MaxPooling2D(2), integers_as_floats(2, 2, 4, 4, 2))
    yield case("global_max_pooling_1d_ties", lambda: L.GlobalMaxPooling1D(),
               integers_as_floats(2, 2, 5, 3))
    # A sample that is all padding has the mean 0/0, so that mask is left out.
    for name in ("right_padded", "holes"):
        yield case(f"global_average_pooling_1d_mask_{name}", lambda: L.GlobalAveragePooling1D(),
                   normal(3, 5, 4), arrays={"mask": boolean(MASKS[name])})


def volumes():
    settings = [
        ("default", {"pool_size": 2}, (1, 4, 5, 3, 2)),
        ("same_overlapping", {"pool_size": (3, 2, 2), "strides": (2, 1, 2), "padding": "same"},
         (1, 4, 3, 3, 2)),
        ("same", {"pool_size": 2, "padding": "same"}, (1, 3, 3, 5, 1)),
        ("gaps", {"pool_size": (1, 2, 1), "strides": 2}, (1, 3, 4, 3, 2)),
    ]
    for kind in ("Max", "Average"):
        for name, rest, shape in settings:
            yield case(f"{kind.lower()}_pooling_3d_{name}",
                       lambda l=getattr(L, f"{kind}Pooling3D"), r=rest: l(**r), normal(*shape))
        for keep in (False, True):
            yield case(f"global_{kind.lower()}_pooling_3d{'_keepdims' if keep else ''}",
                       lambda l=getattr(L, f"Global{kind}Pooling3D"), k=keep: l(keepdims=k),
                       normal(2, 2, 3, 2, 3))


def channels_first():
    shapes = {1: (2, 3, 7), 2: (2, 3, 5, 4), 3: (1, 3, 4, 2, 3)}
    for kind in ("Max", "Average"):
        for rank, shape in shapes.items():
            yield case(f"{kind.lower()}_pooling_{rank}d_channels_first",
                       lambda l=getattr(L, f"{kind}Pooling{rank}D"): l(
                           2, strides=1, padding="same", data_format=FIRST), normal(*shape))
            for keep in (False, True):
                yield case(
                    f"global_{kind.lower()}_pooling_{rank}d{'_keepdims' if keep else ''}_first",
                    lambda l=getattr(L, f"Global{kind}Pooling{rank}D"), k=keep: l(
                        keepdims=k, data_format=FIRST), normal(*shape))
    yield case("global_average_pooling_1d_mask_channels_first",
               lambda: L.GlobalAveragePooling1D(data_format=FIRST, keepdims=True),
               normal(3, 4, 5), arrays={"mask": boolean(MASKS["holes"])})


def large():
    for kind in ("Max", "Average"):
        yield case(f"{kind.lower()}_pooling_2d_17_channels",
                   lambda l=getattr(L, f"{kind}Pooling2D"): l(3, strides=2, padding="same"),
                   normal(1, 15, 13, 17))


def adaptive():
    entries = [
        ("1d", 1, 4, (2, 7, 3)), ("1d_side_by_side", 1, 3, (2, 6, 3)), ("1d_one", 1, 1, (2, 5, 3)),
        ("1d_same_size", 1, 5, (2, 5, 3)), ("1d_longer", 1, 5, (2, 2, 3)),
        ("1d_much_longer", 1, 3, (2, 1, 3)), ("1d_two_sizes", 1, 3, (2, 8, 3)),
        ("1d_large", 1, 13, (2, 101, 5)),
        ("2d", 2, (2, 3), (2, 5, 7, 3)), ("2d_side_by_side", 2, 2, (2, 4, 6, 3)),
        ("2d_mixed", 2, (2, 3), (2, 4, 5, 3)), ("2d_larger", 2, (4, 5), (2, 3, 2, 3)),
        ("2d_17_channels", 2, 4, (1, 9, 11, 17)),
        ("3d", 3, (2, 3, 1), (1, 3, 4, 3, 2)), ("3d_side_by_side", 3, 2, (1, 4, 2, 2, 2)),
        ("3d_larger", 3, (1, 2, 3), (1, 3, 3, 2, 2)), ("3d_two_sizes", 3, 3, (1, 8, 4, 5, 1)),
    ]
    for kind in ("Max", "Average"):
        for name, rank, size, shape in entries:
            yield case(f"adaptive_{kind.lower()}_pooling_{name}",
                       lambda l=getattr(L, f"Adaptive{kind}Pooling{rank}D"), s=size: l(s),
                       normal(*shape))
        for rank, shape in {1: (2, 3, 7), 2: (2, 3, 5, 4), 3: (1, 2, 4, 3, 3)}.items():
            yield case(f"adaptive_{kind.lower()}_pooling_{rank}d_channels_first",
                       lambda l=getattr(L, f"Adaptive{kind}Pooling{rank}D"): l(
                           2, data_format=FIRST), normal(*shape))
    yield case("adaptive_max_pooling_2d_ties", lambda: L.AdaptiveMaxPooling2D(2),
               integers_as_floats(2, 2, 5, 4, 2))
    yield case("adaptive_max_pooling_2d_ties_side_by_side", lambda: L.AdaptiveMaxPooling2D(2),
               integers_as_floats(2, 2, 6, 6, 2))


def integers_as_floats(high, *shape):
    return lambda random: random.integers(0, high, shape).astype("float32")
