"""The layers of the folder Core, and a few that the other families do not have."""

from layer_cases import L, MASKS, boolean, case, integers, normal


def cases():
    dense = [
        ("dense", {}, normal(3, 5)),
        ("dense_no_bias", {"use_bias": False}, normal(3, 5)),
        ("dense_relu", {"activation": "relu"}, normal(3, 5)),
        ("dense_softmax", {"activation": "softmax"}, normal(3, 5)),
        ("dense_gelu", {"activation": "gelu"}, normal(3, 5)),
        ("dense_one_sample", {"activation": "tanh"}, normal(1, 5)),
        ("dense_rank_3", {}, normal(2, 3, 5)),
        ("dense_rank_4_sigmoid", {"activation": "sigmoid"}, normal(2, 3, 2, 5)),
        ("dense_rank_5", {"activation": "selu"}, normal(2, 1, 3, 2, 4)),
        ("dense_one_feature", {}, normal(4, 1)),
    ]
    for name, settings, x in dense:
        yield case(name, lambda s=settings: L.Dense(4, **s), x)
    yield case("dense_one_unit", lambda: L.Dense(1), normal(17, 31))
    yield case("dense_large", lambda: L.Dense(33, activation="tanh"), normal(19, 47))
    yield case("dense_mask", lambda: L.Dense(3), normal(3, 5, 2),
               arrays={"mask": boolean(MASKS["all_padding"])})
    yield case("identity", lambda: L.Identity(), normal(2, 3))
    yield case("identity_mask", lambda: L.Identity(), normal(3, 5, 2),
               arrays={"mask": boolean(MASKS["holes"])})
    yield from einsum_dense()
    yield from reversible_embedding()
    yield from others()


def einsum_dense():
    equations = [
        ("matrix", "ab,bc->ac", 4, {}, (3, 5)),
        ("bias", "ab,bc->ac", 4, {"bias_axes": "c", "activation": "relu"}, (3, 5)),
        ("sequence", "abc,cd->abd", (None, 4), {"bias_axes": "d"}, (2, 3, 5)),
        ("sequence_sizes", "abc,cd->abd", (3, 4), {"bias_axes": "d"}, (2, 3, 5)),
        ("heads", "abc,cde->abde", (None, 2, 3), {"bias_axes": "de"}, (2, 3, 5)),
        ("heads_bias_first", "abc,cde->abde", (None, 2, 3), {"bias_axes": "d"}, (2, 3, 5)),
        ("bias_middle", "abc,cde->abde", (3, 2, 4), {"bias_axes": "bd"}, (2, 3, 5)),
        ("bias_all", "abc,cd->abd", (3, 4), {"bias_axes": "bd"}, (2, 3, 5)),
        ("join", "abde,dec->abc", (None, 6), {"bias_axes": "c"}, (2, 3, 2, 4)),
        ("time", "abc,bd->adc", (4, 5), {"bias_axes": "d"}, (2, 3, 5)),
        ("swap", "abc,cd->adb", (4, 3), {"bias_axes": "b"}, (2, 3, 5)),
        ("per_place", "abc,bcd->abd", (3, 4), {"bias_axes": "bd"}, (2, 3, 5)),
        ("scale", "ab,b->ab", 5, {"bias_axes": "b"}, (3, 5)),
        ("sum", "abc,c->ab", (3,), {}, (2, 3, 5)),
        ("ellipsis_left", "...x,xy->...y", 4, {"bias_axes": "y"}, (3, 5)),
        ("ellipsis_left_3", "...x,xy->...y", 4, {"bias_axes": "y"}, (2, 3, 5)),
        ("ellipsis_left_4", "...x,xyz->...yz", (4, 2), {"bias_axes": "z"}, (2, 2, 3, 5)),
        ("ellipsis_right", "ab...,bc->ac...", 4, {"bias_axes": "c"}, (2, 5)),
        ("ellipsis_right_3", "ab...,bc->ac...", 4, {"bias_axes": "c"}, (2, 5, 3)),
        ("ellipsis_right_4", "abc...,cd->abd...", (None, 4), {"bias_axes": "d"}, (2, 2, 5, 3)),
    ]
    for name, equation, shape, rest, x in equations:
        yield case(f"einsum_dense_{name}",
                   lambda e=equation, s=shape, r=rest: L.EinsumDense(e, s, **r), normal(*x))
    yield case("einsum_dense_large",
               lambda: L.EinsumDense("abc,cde->abde", (None, 3, 7), bias_axes="de"),
               normal(3, 11, 17))


def reversible_embedding():
    back = {"reverse": True}
    settings = [("", {}), ("_untied", {"tie_weights": False}), ("_cap", {"logit_soft_cap": 1.5}),
                ("_untied_cap", {"tie_weights": False, "logit_soft_cap": 0.5}),
                ("_dtype", {"reverse_dtype": "float32"})]
    for name, rest in settings:
        yield case(f"reversible_embedding{name}_reverse",
                   lambda r=rest: L.ReversibleEmbedding(7, 4, **r), normal(2, 3, 4),
                   arguments=back)
    for name, rest in settings[:2] + [("_mask_zero", {"mask_zero": True})]:
        yield case(f"reversible_embedding{name}", lambda r=rest: L.ReversibleEmbedding(7, 4, **r),
                   integers(7, 3, 5))
    yield case("reversible_embedding_half_reverse",
               lambda: L.ReversibleEmbedding(5, 3, reverse_dtype="float16"), normal(2, 3),
               arguments=back, tolerance=5e-3)


def others():
    yield case("dropout_inference", lambda: L.Dropout(0.5), normal(3, 5))
    yield case("dropout_rate_zero_training", lambda: L.Dropout(0.0), normal(3, 5), training=True)
    yield case("rescaling", lambda: L.Rescaling(1 / 255), normal(2, 3, 3, 1, scale=100))
    yield case("rescaling_offset", lambda: L.Rescaling(2.0, offset=-1.0), normal(2, 4))
    yield case("rescaling_per_channel", lambda: L.Rescaling([2.0, 0.5, 3.0], offset=[1.0, 0.0,
                                                                                     -1.0]),
               normal(2, 2, 2, 3))
    yield case("rescaling_integers", lambda: L.Rescaling(1 / 255), integers(256, 2, 3, 3, 1))
    yield case("relu_layer", lambda: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2),
               normal(4, 6, scale=2))
    yield case("leaky_relu_layer", lambda: L.LeakyReLU(negative_slope=0.2), normal(4, 6))
    yield case("elu_layer", lambda: L.ELU(alpha=0.7), normal(4, 6))
    yield case("softmax_layer", lambda: L.Softmax(), normal(3, 6))
    yield case("softmax_layer_axis_1", lambda: L.Softmax(axis=1), normal(2, 4, 3))
