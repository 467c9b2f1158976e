"""Attention over drawn widths, masks and flags."""

from layer_cases import L, boolean, case, draws, normal


def mask(draw, *shape):
    """A drawn mask in which every query may look at the first key."""
    values = draw.random.random(shape) < 0.6
    values[..., 0] = True
    return boolean(values)


def cases():
    for draw in draws("multi_head_attention", 24):
        batch, queries, keys, features = draw.size(1, 2), draw.size(1, 6), draw.size(2, 7), 5
        width = draw.size(1, 4)
        settings = {"num_heads": draw.size(1, 3), "key_dim": width,
                    "use_bias": draw(True, False), "output_shape": draw(None, None, 3)}
        arrays, arguments = {}, {}
        if draw(True, False):
            arrays["attention_mask"] = mask(draw, batch, queries, keys)
        if draw(True, False, False):
            arrays["value_mask"] = mask(draw, batch, keys)
        if draw(True, False):
            arguments["use_causal_mask"] = True
        if draw(True, False):
            arguments["return_attention_scores"] = True
        inputs = [normal(batch, queries, features), normal(batch, keys, draw(features, 4))]
        if draw(True, False):
            inputs.append(normal(batch, keys, draw(features, 3)))
        yield case(draw.name, lambda s=settings: L.MultiHeadAttention(**s), *inputs,
                   arrays=arrays, arguments=arguments)
    for draw in draws("group_query_attention", 20):
        batch, queries, keys, features = draw.size(1, 2), draw.size(1, 5), draw.size(2, 6), 4
        groups = draw.size(1, 2)
        settings = {"head_dim": draw.size(1, 4), "num_query_heads": groups * draw.size(1, 3),
                    "num_key_value_heads": groups, "use_bias": draw(True, False)}
        arrays, arguments = {}, {}
        if draw(True, False):
            arrays["attention_mask"] = mask(draw, batch, queries, keys)
        if draw(True, False):
            arguments["use_causal_mask"] = True
        if draw(True, False):
            arguments["return_attention_scores"] = True
        yield case(draw.name, lambda s=settings: L.GroupQueryAttention(**s),
                   normal(batch, queries, features), normal(batch, keys, features),
                   arrays=arrays, arguments=arguments)
    for kind in ("Attention", "AdditiveAttention"):
        for draw in draws(kind.lower(), 16):
            batch, queries, keys, width = draw.size(1, 3), draw.size(1, 5), draw.size(2, 6), 4
            settings = {"use_scale": draw(True, False)}
            if kind == "Attention":
                settings["score_mode"] = draw("dot", "dot", "concat")
            inputs = [normal(batch, queries, width), normal(batch, keys, draw(width, width))]
            if draw(True, False):
                inputs.append(normal(batch, keys, width))
            masks, arguments = {}, {}
            if draw(True, False):
                masks = {0: mask(draw, batch, queries), 1: mask(draw, batch, keys)}
            if draw(True, False, False):
                arguments["use_causal_mask"] = True
            if draw(True, False):
                arguments["return_attention_scores"] = True
            yield case(draw.name, lambda s=settings, k=kind: getattr(L, k)(**s), *inputs,
                       as_list=True, masks=masks, arguments=arguments)
