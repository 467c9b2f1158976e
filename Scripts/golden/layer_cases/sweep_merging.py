"""Layers over several inputs: numbers of inputs, shapes that broadcast, axes."""

from layer_cases import L, case, draws, normal


def cases():
    for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"):
        for draw in draws(kind.lower(), 7):
            rank, count = draw.size(2, 4), 2 if kind == "Subtract" else draw.size(2, 4)
            shape = draw.sizes(rank, 1, 4)
            shapes = [[1 if axis and draw(True, False, False) else n
                       for axis, n in enumerate(shape)] for _ in range(count)]
            yield case(draw.name, lambda k=kind: getattr(L, k)(),
                       *(normal(*s) for s in shapes), as_list=True)
    for draw in draws("concatenate", 10):
        rank, count = draw.size(2, 4), draw.size(2, 4)
        axis = draw.size(1, rank - 1)
        shapes = [draw.sizes(rank, 1, 4)] * count
        shapes = [[*s[:axis], draw.size(1, 4), *s[axis + 1:]] for s in shapes]
        yield case(draw.name, lambda a=draw(axis, axis - rank): L.Concatenate(axis=a),
                   *(normal(*s) for s in shapes), as_list=True)
    for draw in draws("dot", 14):
        batch, shared, one, two = draw.sizes(4, 1, 5)
        x, y, axes = draw(
            ((batch, shared), (batch, shared), 1),
            ((batch, one, shared), (batch, two, shared), 2),
            ((batch, one, shared), (batch, shared, two), (2, 1)),
            ((batch, shared, one), (batch, shared, two), 1),
            ((batch, one, shared), (batch, shared), (2, 1)),
            ((batch, one, shared), (batch, two, shared), -1))
        normalize = draw(True, False)
        yield case(draw.name, lambda a=axes, n=normalize: L.Dot(axes=a, normalize=n),
                   normal(*x), normal(*y), as_list=True)
