"""Layers that combine several inputs."""

from layer_cases import L, MASKS, boolean, case, normal

KINDS = ("Add", "Multiply", "Average", "Maximum", "Minimum")


def cases():
    x, y, z = normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 4)
    for kind in KINDS:
        name = kind.lower()
        yield case(name, lambda k=kind: getattr(L, k)(), x, y, as_list=True)
        yield case(f"{name}_one", lambda k=kind: getattr(L, k)(), x, as_list=True)
        yield case(f"{name}_three", lambda k=kind: getattr(L, k)(), x, y, z, as_list=True)
        yield case(f"{name}_broadcast", lambda k=kind: getattr(L, k)(), x, normal(2, 1, 4),
                   as_list=True)
        yield case(f"{name}_ranks", lambda k=kind: getattr(L, k)(), normal(2, 4), x,
                   normal(2, 5, 3, 4), as_list=True)
    yield case("subtract", lambda: L.Subtract(), x, y, as_list=True)
    yield case("subtract_ranks", lambda: L.Subtract(), x, normal(2, 4), as_list=True)
    yield case("concatenate", lambda: L.Concatenate(), x, normal(2, 3, 2), as_list=True)
    yield case("concatenate_one", lambda: L.Concatenate(), x, as_list=True)
    yield case("concatenate_axis_1", lambda: L.Concatenate(axis=1), x, normal(2, 2, 4), z,
               as_list=True)
    yield case("concatenate_axis_minus_2", lambda: L.Concatenate(axis=-2), x, normal(2, 5, 4),
               as_list=True)
    yield case("concatenate_rank_4", lambda: L.Concatenate(axis=2), normal(2, 3, 4, 5),
               normal(2, 3, 17, 5), as_list=True)
    yield from masked()
    yield from dot()


def masked():
    x, y = normal(3, 5, 4), normal(3, 5, 4)
    for kind in (*KINDS, "Subtract", "Concatenate"):
        name = kind.lower()
        for first, second in (("right_padded", "holes"), ("all_padding", "left_padded")):
            yield case(f"{name}_masks_{first}_{second}", lambda k=kind: getattr(L, k)(), x, y,
                       masks={0: boolean(MASKS[first]), 1: boolean(MASKS[second])}, as_list=True)
        for position in (0, 1):
            yield case(f"{name}_mask_of_{position}", lambda k=kind: getattr(L, k)(), x, y,
                       masks={position: boolean(MASKS["holes"])}, as_list=True)
    for kind in KINDS:
        yield case(f"{kind.lower()}_masks_three", lambda k=kind: getattr(L, k)(), x, y, x,
                   masks={i: boolean(MASKS[name]) for i, name in
                          enumerate(("right_padded", "holes", "left_padded"))}, as_list=True)
    yield case("concatenate_masks_along_time", lambda: L.Concatenate(axis=1), x, normal(3, 5, 4),
               masks={0: boolean(MASKS["right_padded"]), 1: boolean(MASKS["left_padded"])},
               as_list=True)
    yield case("concatenate_mask_of_one_along_time", lambda: L.Concatenate(axis=1), x,
               normal(3, 2, 4), masks={0: boolean(MASKS["right_padded"])}, as_list=True)


def dot():
    x, y = normal(3, 4, 5), normal(3, 6, 5)
    settings = [
        ("vectors", dict(axes=1), (3, 5), (3, 5)),
        ("vectors_normalized", dict(axes=-1, normalize=True), (3, 5), (3, 5)),
        ("matrices", dict(axes=2), (3, 4, 5), (3, 6, 5)),
        ("matrices_normalized", dict(axes=-1, normalize=True), (3, 4, 5), (3, 6, 5)),
        ("matrices_axis_1", dict(axes=1), (3, 5, 4), (3, 5, 6)),
        ("matrices_two_axes", dict(axes=(1, 2)), (3, 5, 4), (3, 6, 5)),
        ("matrices_negative_axes", dict(axes=(-1, -2)), (3, 4, 5), (3, 5, 6)),
        ("vector_matrix", dict(axes=(1, 2)), (3, 5), (3, 6, 5)),
        ("matrix_vector", dict(axes=(2, 1)), (3, 4, 5), (3, 5)),
        ("rank_4", dict(axes=(3, 1)), (2, 3, 2, 5), (2, 5, 3)),
        ("rank_4_middle", dict(axes=(2, 2)), (2, 3, 5, 2), (2, 3, 5, 4)),
        ("rank_4_normalized", dict(axes=(1, 3), normalize=True), (2, 5, 3, 2), (2, 3, 2, 5)),
    ]
    for name, options, first, second in settings:
        yield case(f"dot_{name}", lambda o=options: L.Dot(**o), normal(*first), normal(*second),
                   as_list=True)
