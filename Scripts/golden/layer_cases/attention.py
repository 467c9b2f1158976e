"""Attention: widths, masks, scores, axes."""

from layer_cases import F, L, T, boolean, case, normal

SCORES = {"return_attention_scores": True}
CAUSAL = {"use_causal_mask": True}
SOME = [[[T, T, F, T, F], [T, F, F, F, F], [T, T, T, T, T], [F, T, F, T, F]],
        [[F, F, F, F, T], [T, T, T, F, F], [T, T, F, T, T], [F, F, T, T, T]]]
EMPTY = [[[F] * 5] + SOME[0][1:], SOME[1]]
ROWS = [[T, T, T, F], [T, T, F, F]]
COLUMNS = [[T, T, T, F, F], [T, T, T, T, F]]
NO_ROWS = [[T, T, T, F], [F, F, F, F]]


def cases():
    yield from multi_head()
    yield from multi_head_axes()
    yield from group_query()
    yield from without_heads()


def multi_head():
    query, value, key = normal(2, 4, 6), normal(2, 5, 6), normal(2, 5, 6)

    def make(**rest):
        return lambda: L.MultiHeadAttention(**{"num_heads": 2, "key_dim": 3, **rest})

    yield case("attention_self", make(), query, query)
    yield case("attention_cross", make(), query, value)
    yield case("attention_cross_key", make(), query, value, key)
    # On JAX, Keras can only do value_dim != key_dim on the path that returns the scores.
    yield case("attention_widths", make(value_dim=5), query, normal(2, 5, 7), normal(2, 5, 4),
               arguments=SCORES)
    yield case("attention_value_dim", make(value_dim=4), query, value, arguments=SCORES)
    yield case("attention_output_shape", make(output_shape=5), query, value)
    yield case("attention_output_shape_two", make(output_shape=(2, 3)), query, value)
    yield case("attention_no_bias", make(use_bias=False), query, value)
    yield case("attention_one_head", make(num_heads=1, key_dim=6), query, value)
    yield case("attention_large", make(num_heads=3, key_dim=8), normal(2, 17, 11),
               normal(2, 19, 11))
    yield case("attention_gate", make(use_gate=True), query, value)
    yield case("attention_gate_value_dim", make(use_gate=True, value_dim=4, use_bias=False), query,
               value, arguments=SCORES)
    yield case("attention_causal", make(), query, query, arguments=CAUSAL)
    yield case("attention_causal_cross", make(), query, value, arguments=CAUSAL)
    yield case("attention_causal_scores", make(), query, value, arguments={**CAUSAL, **SCORES})
    yield case("attention_scores", make(), query, value, arguments=SCORES)
    yield case("attention_dropout_inference", make(dropout=0.5), query, value)
    for width in (1, 2, 3, 9):
        yield case(f"attention_window_{width}", make(sliding_window=width), query, value)
    yield case("attention_window_causal", make(sliding_window=2), query, query, arguments=CAUSAL)
    yield case("attention_window_scores", make(sliding_window=2), query, value, arguments=SCORES)
    yield case("attention_window_mask", make(sliding_window=3), query, value,
               arrays={"attention_mask": boolean(SOME), "value_mask": boolean(COLUMNS)},
               arguments=CAUSAL)
    for name, mask in [("mask", SOME), ("mask_empty_row", EMPTY)]:
        yield case(f"attention_{name}", make(), query, value,
                   arrays={"attention_mask": boolean(mask)})
        yield case(f"attention_{name}_scores", make(), query, value,
                   arrays={"attention_mask": boolean(mask)}, arguments=SCORES)
    yield case("attention_mask_rank_2", make(), query, value,
               arrays={"attention_mask": boolean(SOME[0])})
    yield case("attention_mask_heads", make(), query, value,
               arrays={"attention_mask": boolean([[SOME[0], SOME[1]], [SOME[1], SOME[0]]])})
    yield case("attention_mask_causal_scores", make(), query, value,
               arrays={"attention_mask": boolean(SOME)}, arguments={**CAUSAL, **SCORES})
    rows, columns = boolean(ROWS), boolean(COLUMNS)
    yield case("attention_query_mask", make(), query, value, arrays={"query_mask": rows})
    yield case("attention_value_mask", make(), query, value, arrays={"value_mask": columns})
    yield case("attention_query_value_mask", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns}, arguments=SCORES)
    yield case("attention_key_mask", make(), query, value, key, arrays={"key_mask": columns})
    yield case("attention_padding_causal", make(), query, query,
               arrays={"query_mask": rows, "value_mask": rows}, arguments=CAUSAL)
    yield case("attention_all_masks", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns, "attention_mask": boolean(SOME)},
               arguments={**CAUSAL, **SCORES})
    empty = boolean(NO_ROWS)
    for name, arguments in [("", {}), ("_scores", SCORES), ("_causal", CAUSAL)]:
        yield case(f"attention_all_padding{name}", make(), query, query,
                   arrays={"query_mask": empty, "value_mask": empty}, arguments=arguments)


def multi_head_axes():
    query, value = normal(2, 3, 4, 5), normal(2, 3, 2, 5)

    def make(**rest):
        return lambda: L.MultiHeadAttention(**{"num_heads": 2, "key_dim": 3, **rest})

    yield case("attention_axes_default", make(), query, normal(2, 2, 3, 5))
    yield case("attention_axes_all", make(attention_axes=(1, 2)), query, normal(2, 2, 3, 5),
               arguments=SCORES)
    yield case("attention_axes_swapped", make(attention_axes=(2, 1)), query, normal(2, 2, 3, 5),
               arguments=SCORES)
    yield case("attention_axes_2", make(attention_axes=2), query, value)
    yield case("attention_axes_2_scores", make(attention_axes=(2,)), query, value,
               arguments=SCORES)
    yield case("attention_axes_minus_2", make(attention_axes=(-2,)), query, value)
    yield case("attention_axes_1", make(attention_axes=(1,), value_dim=4), query,
               normal(2, 2, 4, 5), arguments=SCORES)
    yield case("attention_axes_1_causal", make(attention_axes=(1,)), query, normal(2, 2, 4, 5),
               arguments=CAUSAL)
    yield case("attention_axes_1_window", make(attention_axes=(1,), sliding_window=2), query,
               normal(2, 5, 4, 5), arguments=SCORES)
    yield case("attention_axes_1_masks", make(attention_axes=(1,)), query, normal(2, 2, 4, 5),
               arrays={"query_mask": boolean([[T, T, F], [F, F, F]]),
                       "value_mask": boolean([[T, F], [T, T]])}, arguments=SCORES)
    mask = boolean([[[T, F], [T, T], [F, F], [F, T]], [[F, T], [T, T], [T, F], [F, T]]])
    yield case("attention_axes_2_mask", make(attention_axes=(2,)), query, value,
               arrays={"attention_mask": mask}, arguments=SCORES)
    yield case("attention_axes_rank_5", make(attention_axes=(2, 3), use_gate=True),
               normal(2, 2, 3, 2, 4), normal(2, 2, 2, 3, 4))
    yield case("attention_axes_output_shape", make(attention_axes=(2,), output_shape=(2, 3)), query,
               value)


def group_query():
    query, value, key = normal(2, 4, 6), normal(2, 5, 6), normal(2, 5, 6)

    def make(**rest):
        return lambda: L.GroupQueryAttention(
            **{"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, **rest})

    yield case("group_attention", make(), query, value)
    yield case("group_attention_self", make(), query, query)
    yield case("group_attention_key", make(), query, normal(2, 5, 7), normal(2, 5, 4))
    yield case("group_attention_multi_query", make(num_key_value_heads=1), query, value)
    yield case("group_attention_all_heads", make(num_key_value_heads=4), query, value)
    yield case("group_attention_no_bias", make(use_bias=False), query, value)
    yield case("group_attention_gate", make(use_gate=True), query, value)
    yield case("group_attention_scores", make(), query, value, arguments=SCORES)
    yield case("group_attention_causal", make(), query, query, arguments=CAUSAL)
    yield case("group_attention_causal_scores", make(), query, value,
               arguments={**CAUSAL, **SCORES})
    yield case("group_attention_dropout_inference", make(dropout=0.5), query, value)
    yield case("group_attention_window", make(sliding_window=2), query, value)
    yield case("group_attention_window_causal", make(sliding_window=2), query, query,
               arguments=CAUSAL)
    rows, columns = boolean(ROWS), boolean(COLUMNS)
    yield case("group_attention_mask", make(), query, value,
               arrays={"attention_mask": boolean(EMPTY)})
    yield case("group_attention_mask_scores", make(), query, value,
               arrays={"attention_mask": boolean(EMPTY)}, arguments=SCORES)
    yield case("group_attention_query_value_mask", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns})
    yield case("group_attention_key_mask", make(), query, value, key, arrays={"key_mask": columns})
    yield case("group_attention_all_masks", make(), query, value,
               arrays={"query_mask": rows, "value_mask": columns, "attention_mask": boolean(SOME)},
               arguments={**CAUSAL, **SCORES})
    yield case("group_attention_all_padding", make(), query, query,
               arrays={"query_mask": boolean(NO_ROWS), "value_mask": boolean(NO_ROWS)})
    yield case("group_attention_large", make(head_dim=8, num_query_heads=6, num_key_value_heads=3),
               normal(2, 17, 11), normal(2, 19, 11),
               tolerance=3e-5)  # the gradient of the key's bias is 0 but for rounding


def without_heads():
    query, value, key = normal(2, 4, 3), normal(2, 5, 3), normal(2, 5, 3)
    layers = [
        ("dot_attention", L.Attention, {}),
        ("dot_attention_scale", L.Attention, {"use_scale": True}),
        ("concat_attention", L.Attention, {"score_mode": "concat"}),
        ("concat_attention_scale", L.Attention, {"score_mode": "concat", "use_scale": True}),
        ("additive_attention", L.AdditiveAttention, {}),
        ("additive_attention_no_scale", L.AdditiveAttention, {"use_scale": False}),
    ]
    masks = {0: boolean(ROWS), 1: boolean(COLUMNS)}
    for name, layer, rest in layers:
        def make(layer=layer, rest=rest, **more):
            return lambda: layer(**rest, **more)

        yield case(name, make(), query, value, as_list=True)
        yield case(f"{name}_key", make(), query, normal(2, 5, 4), key, as_list=True)
        yield case(f"{name}_causal", make(), query, value, as_list=True, arguments=CAUSAL)
        yield case(f"{name}_scores", make(), query, value, as_list=True, arguments=SCORES)
        yield case(f"{name}_masks", make(), query, value, as_list=True, masks=masks)
        yield case(f"{name}_masks_causal_scores", make(), query, value, key, as_list=True,
                   masks=masks, arguments={**CAUSAL, **SCORES})
    for name, layer in [("dot_attention", L.Attention), ("additive_attention", L.AdditiveAttention)]:
        yield case(f"{name}_query_mask", lambda l=layer: l(), query, value, as_list=True,
                   masks={0: boolean(NO_ROWS)})
        yield case(f"{name}_value_mask", lambda l=layer: l(), query, value, as_list=True,
                   masks={1: boolean(COLUMNS)}, arguments=CAUSAL)
        yield case(f"{name}_dropout_inference", lambda l=layer: l(dropout=0.5), query, value,
                   as_list=True)
        # Of keys that are all padding, Keras takes the gradient of their scores less 1e9, which
        # are all the same number.
        yield case(f"{name}_all_padding", lambda l=layer: l(), query, value, as_list=True,
                   masks={1: boolean([[T, T, F, F, T], [F, F, F, F, F]])}, gradients=False)
        yield case(f"{name}_large", lambda l=layer: l(), normal(2, 17, 5), normal(2, 19, 5),
                   as_list=True)
    yield case("dot_attention_rank_4", lambda: L.Attention(use_scale=True), normal(2, 3, 4, 5),
               normal(2, 3, 2, 5), as_list=True)
    yield case("additive_attention_rank_4", lambda: L.AdditiveAttention(), normal(2, 3, 4, 5),
               normal(2, 3, 2, 5), as_list=True)
