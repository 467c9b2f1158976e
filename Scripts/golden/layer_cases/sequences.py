"""Embedding and Masking: what begins a sequence."""

from layer_cases import L, case, constant, integers


def cases():
    yield case("embedding", lambda: L.Embedding(7, 4), integers(7, 3, 5))
    yield case("embedding_vector", lambda: L.Embedding(7, 4), integers(7, 6))
    yield case("embedding_repeated", lambda: L.Embedding(3, 2), constant([[1, 1, 2], [1, 0, 1]],
                                                                         "int32"))
    yield case("embedding_mask_zero", lambda: L.Embedding(7, 4, mask_zero=True),
               constant([[1, 2, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]], "int32"))

    def padded(value):
        def make(random):
            x = random.standard_normal((3, 5, 4)).astype("float32")
            x[1, 3:] = value
            x[2, :2] = value
            x[0, 1, 0] = value  # one feature alone does not mask a step
            return x
        return make

    yield case("masking", lambda: L.Masking(), padded(0.0))
    yield case("masking_value", lambda: L.Masking(mask_value=-1.0), padded(-1.0))
