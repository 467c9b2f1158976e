"""Layers that read strings or look up tokens, which Keras computes with TensorFlow."""

from layer_cases import L, case, constant, integers, strings

WORDS = [["earth", "wind"], ["and", "fire"], ["fire", "water"]]
TEXTS = ["The cat sat on the mat.", "the  dog\tate THE cat's dinner!", "", "Äpfel & Öl — über 3,5€",
         "one", "wind, earth; and (fire) [water] {x} a_b-c"]
VOCABULARY = ["the", "cat", "dog", "fire", "wind", "earth"]


def texts(case_name, layer, value, adapt=None):
    return case(case_name, layer, strings(value), gradients=False,
                adapt=None if adapt is None else strings(adapt))


def cases():
    yield from hashing()
    yield from crossing()
    yield from integer_lookup()
    yield from string_lookup()
    yield from vectorization()


def hashing():
    lengths = [["x" * n, "ab c" * n, "é" * n] for n in
               (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200)]
    for bins in (1, 2, 3, 1000, 2 ** 28):
        yield texts(f"hashing_strings_{bins}", lambda b=bins: L.Hashing(b), lengths)
        yield texts(f"hashing_salted_strings_{bins}", lambda b=bins: L.Hashing(b, salt=[133, 137]),
                    lengths)
    numbers = constant([[0, 1, -1], [2 ** 31 - 1, -2 ** 31, 42]], "int32")
    yield case("hashing_integers", lambda: L.Hashing(1000), numbers, gradients=False)
    yield case("hashing_salted_integers", lambda: L.Hashing(1000, salt=7), numbers,
               gradients=False)
    yield case("hashing_floats", lambda: L.Hashing(50), constant([[1.5, -2.7, 1e6, 0.0]]),
               gradients=False)
    yield case("hashing_masked_integers", lambda: L.Hashing(10, mask_value=3), integers(6, 4, 5),
               gradients=False)
    yield texts("hashing_masked_strings", lambda: L.Hashing(10, mask_value=""),
                [["a", ""], ["", "b"]])
    yield texts("hashing_masked_one_bin", lambda: L.Hashing(1, mask_value="a"), [["a", "b"]])
    for mode in ("one_hot", "multi_hot", "count"):
        yield texts(f"hashing_{mode}", lambda m=mode: L.Hashing(5, output_mode=m), WORDS)
        yield texts(f"hashing_{mode}_column", lambda m=mode: L.Hashing(5, output_mode=m),
                    [["a"], ["b"], ["zz"]])
        yield texts(f"hashing_{mode}_vector", lambda m=mode: L.Hashing(5, output_mode=m),
                    ["a", "b", "zz"])
        yield texts(f"hashing_{mode}_masked",
                    lambda m=mode: L.Hashing(5, output_mode=m, mask_value="fire"), WORDS)
    yield texts("hashing_int32", lambda: L.Hashing(9, dtype="int32"), WORDS)


def crossing():
    names, numbers = ["A", "B", "A", "B", ""], [101, 101, -5, 102, 0]
    for bins in (1, 5, 10 ** 6):
        for mode in ("int", "one_hot"):
            if mode == "one_hot" and bins > 5:
                continue
            make = lambda b=bins, m=mode: L.HashedCrossing(b, output_mode=m)
            yield case(f"hashed_crossing_{mode}_{bins}", make, strings(names),
                       constant(numbers, "int32"), as_list=True, gradients=False)
            yield case(f"hashed_crossing_{mode}_{bins}_column", make,
                       strings([[n] for n in names]), constant([[n] for n in numbers], "int32"),
                       as_list=True, gradients=False)
    yield case("hashed_crossing_three", lambda: L.HashedCrossing(997), strings(names),
               strings(["x", "yy", "zzz", "", "é"]), strings(["a" * 70] * 5), as_list=True,
               gradients=False)
    yield case("hashed_crossing_integers", lambda: L.HashedCrossing(997), integers(9, 6),
               integers(9, 6), as_list=True, gradients=False)


def integer_lookup():
    vocabulary = [12, 36, 1138, 42]
    data = constant([[12, 1138, 42, 42], [42, 7, 36, -7], [0, -1, 5, 12]], "int32")
    for oov in (1, 2, 3):
        for method in ("floormod", "farmhash"):
            yield case(f"integer_lookup_oov_{oov}_{method}", lambda o=oov, m=method: L.IntegerLookup(
                vocabulary=vocabulary, num_oov_indices=o, oov_method=m), data, gradients=False)
    yield case("integer_lookup_salted", lambda: L.IntegerLookup(
        vocabulary=vocabulary, num_oov_indices=3, oov_method="farmhash", salt=[5, 6]), data,
        gradients=False)
    yield case("integer_lookup_no_oov", lambda: L.IntegerLookup(
        vocabulary=vocabulary, num_oov_indices=0), constant([[12, 42], [36, 1138]], "int32"),
        gradients=False)
    yield case("integer_lookup_masked", lambda: L.IntegerLookup(
        vocabulary=vocabulary, mask_token=0), data, gradients=False)
    yield case("integer_lookup_specials", lambda: L.IntegerLookup(
        vocabulary=[0, -1] + vocabulary, mask_token=0), data, gradients=False)
    yield case("integer_lookup_inverted", lambda: L.IntegerLookup(
        vocabulary=vocabulary, invert=True), constant([[1, 3, 4], [4, 0, 9]], "int32"),
        gradients=False)
    yield case("integer_lookup_inverted_masked", lambda: L.IntegerLookup(
        vocabulary=vocabulary, invert=True, mask_token=0, num_oov_indices=2),
        constant([[0, 1, 2, 3], [4, 5, 6, -1]], "int32"), gradients=False)
    for mode in ("one_hot", "multi_hot", "count"):
        for mask in (None, 42):
            yield case(f"integer_lookup_{mode}_{mask}", lambda m=mode, k=mask: L.IntegerLookup(
                vocabulary=[12, 36, 1138], output_mode=m, mask_token=k), data, gradients=False)
        yield case(f"integer_lookup_{mode}_padded", lambda m=mode: L.IntegerLookup(
            vocabulary=vocabulary, output_mode=m, max_tokens=8, pad_to_max_tokens=True), data,
            gradients=False)
        yield case(f"integer_lookup_{mode}_vector", lambda m=mode: L.IntegerLookup(
            vocabulary=vocabulary, output_mode=m), constant([12, 7, 42], "int32"), gradients=False)
    yield case("integer_lookup_tf_idf", lambda: L.IntegerLookup(
        vocabulary=vocabulary, output_mode="tf_idf", idf_weights=[0.25, 0.75, 0.6, 0.4]), data,
        gradients=False)
    yield case("integer_lookup_tf_idf_specials", lambda: L.IntegerLookup(
        vocabulary=[-1] + vocabulary, output_mode="tf_idf",
        idf_weights=[0.9, 0.25, 0.75, 0.6, 0.4], max_tokens=7, pad_to_max_tokens=True), data,
        gradients=False)
    yield case("integer_lookup_adapted", lambda: L.IntegerLookup(), data, gradients=False,
               adapt=integers(9, 20, 3))
    yield case("integer_lookup_adapted_capped", lambda: L.IntegerLookup(max_tokens=4),
               integers(9, 4, 5), gradients=False, adapt=integers(9, 50))
    yield case("integer_lookup_adapted_tf_idf", lambda: L.IntegerLookup(output_mode="tf_idf"),
               integers(9, 4, 5), gradients=False, adapt=integers(9, 12, 4))


def string_lookup():
    vocabulary = ["fire", "earth", "wind"]
    for oov in (1, 2, 4):
        for salt in (None, 9):
            yield texts(f"string_lookup_oov_{oov}_{salt}", lambda o=oov, s=salt: L.StringLookup(
                vocabulary=vocabulary, num_oov_indices=o, salt=s), WORDS + [["", "é"]])
    yield texts("string_lookup_no_oov", lambda: L.StringLookup(
        vocabulary=vocabulary, num_oov_indices=0), [["fire", "earth"], ["wind", "wind"]])
    yield texts("string_lookup_masked", lambda: L.StringLookup(
        vocabulary=vocabulary, mask_token=""), WORDS + [["", "x"]])
    yield texts("string_lookup_specials", lambda: L.StringLookup(
        vocabulary=["", "[UNK]"] + vocabulary, mask_token=""), WORDS + [["", "[UNK]"]])
    yield texts("string_lookup_no_oov_token", lambda: L.StringLookup(
        vocabulary=vocabulary, oov_token=None), WORDS)
    yield texts("string_lookup_scalars", lambda: L.StringLookup(vocabulary=vocabulary),
                ["fire", "x"])
    yield texts("string_lookup_cube", lambda: L.StringLookup(vocabulary=vocabulary), [WORDS, WORDS])
    for name, options in [("", {}), ("_masked", {"mask_token": ""}),
                          ("_two_oov", {"num_oov_indices": 2, "mask_token": "", "oov_token": "?"})]:
        yield case(f"string_lookup_inverted{name}", lambda o=options: L.StringLookup(
            vocabulary=vocabulary, invert=True, **o),
            constant([[0, 1, 2, 3], [4, 5, 6, -1]], "int32"), gradients=False)
    for mode in ("one_hot", "multi_hot", "count"):
        for mask in (None, "fire"):
            yield texts(f"string_lookup_{mode}_{mask}", lambda m=mode, k=mask: L.StringLookup(
                vocabulary=["earth", "wind"], output_mode=m, mask_token=k), WORDS)
        yield texts(f"string_lookup_{mode}_column", lambda m=mode: L.StringLookup(
            vocabulary=vocabulary, output_mode=m), [["fire"], ["x"], ["wind"]])
        yield texts(f"string_lookup_{mode}_vector", lambda m=mode: L.StringLookup(
            vocabulary=vocabulary, output_mode=m), ["fire", "x", "wind"])
        yield texts(f"string_lookup_{mode}_padded", lambda m=mode: L.StringLookup(
            vocabulary=vocabulary, output_mode=m, max_tokens=9, pad_to_max_tokens=True,
            num_oov_indices=2), WORDS)
    yield texts("string_lookup_tf_idf", lambda: L.StringLookup(
        vocabulary=vocabulary, output_mode="tf_idf", idf_weights=[0.5, 0.25, 2.0]), WORDS)
    yield texts("string_lookup_tf_idf_padded", lambda: L.StringLookup(
        vocabulary=vocabulary, output_mode="tf_idf", idf_weights=[0.5, 0.25, 2.0], max_tokens=7,
        pad_to_max_tokens=True, num_oov_indices=2), WORDS)
    learned = [["b", "a"], ["c", "b"], ["é", "b"], ["a", ""], ["[UNK]", "d"]]
    for name, options in [("", {}), ("_masked", {"mask_token": ""}), ("_capped", {"max_tokens": 3}),
                          ("_tf_idf", {"output_mode": "tf_idf"}),
                          ("_tf_idf_capped", {"output_mode": "tf_idf", "max_tokens": 4,
                                              "mask_token": ""}),
                          ("_count", {"output_mode": "count", "max_tokens": 20,
                                      "pad_to_max_tokens": True})]:
        yield texts(f"string_lookup_adapted{name}", lambda o=options: L.StringLookup(**o),
                    [["a", "b"], ["x", "é"], ["", "c"]], adapt=learned)
    yield texts("string_lookup_adapted_list", lambda: L.StringLookup(output_mode="tf_idf"),
                [["a", "b"], ["x", "é"]], adapt=["a", "a", "b", "é", "c", "c"])


def vectorization():
    def make(**options):
        return lambda: L.TextVectorization(vocabulary=VOCABULARY, **options)

    for standardize in ("lower_and_strip_punctuation", "lower", "strip_punctuation", None):
        for split in ("whitespace", "character"):
            yield texts(f"text_vectorization_{standardize}_{split}",
                        lambda a=standardize, b=split: L.TextVectorization(
                            vocabulary=VOCABULARY + ["a", "e", "ä", "ö", "€", "Ä", "cats", "cat's"],
                            standardize=a, split=b, output_sequence_length=9), TEXTS)
    yield texts("text_vectorization_column", make(output_sequence_length=4),
                [[text] for text in TEXTS])
    yield texts("text_vectorization_short", make(output_sequence_length=2), TEXTS)
    yield texts("text_vectorization_long", make(output_sequence_length=40), TEXTS)
    yield texts("text_vectorization_tokens", make(split=None, standardize=None), [
        ["the cat", "cat"], ["dog", ""]])
    yield texts("text_vectorization_tokens_cut", make(split=None, output_sequence_length=1), [
        ["The", "cat!"], ["dog", ""]])
    yield texts("text_vectorization_tokens_filled", make(split=None, output_sequence_length=3), [
        ["The", "cat!"], ["dog", ""]])
    for ngrams in (1, 2, 3, (2,), (1, 3), (3, 1)):
        name = "_".join(map(str, ngrams)) if isinstance(ngrams, tuple) else f"to_{ngrams}"
        yield texts(f"text_vectorization_ngrams_{name}", lambda n=ngrams: L.TextVectorization(
            vocabulary=VOCABULARY + ["the cat", "cat sat", "on the mat", "earth and fire"],
            ngrams=n, output_sequence_length=12), TEXTS)
        yield texts(f"text_vectorization_ngrams_{name}_count", lambda n=ngrams: L.TextVectorization(
            vocabulary=VOCABULARY + ["the cat", "cat sat", "on the mat", "earth and fire"],
            ngrams=n, output_mode="count"), TEXTS)
    yield texts("text_vectorization_token_ngrams", lambda: L.TextVectorization(
        vocabulary=["a", "a b", "b c"], ngrams=2, split=None), [["a", "b", "c"], ["c", "a", "b"]])
    for mode in ("multi_hot", "count"):
        yield texts(f"text_vectorization_{mode}", make(output_mode=mode), TEXTS)
        yield texts(f"text_vectorization_{mode}_padded", make(
            output_mode=mode, max_tokens=12, pad_to_max_tokens=True), TEXTS)
        yield texts(f"text_vectorization_{mode}_tokens", make(output_mode=mode, split=None),
                    [["the", "cat"], ["", "x"]])
    yield texts("text_vectorization_one_hot_tokens", make(output_mode="one_hot", split=None),
                [["the", "cat"], ["", "x"]])
    yield texts("text_vectorization_tf_idf", make(
        output_mode="tf_idf", idf_weights=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), TEXTS)
    yield texts("text_vectorization_specials", lambda: L.TextVectorization(
        vocabulary=["", "[UNK]"] + VOCABULARY, output_sequence_length=5), TEXTS)
    for name, options in [("int", {"output_sequence_length": 6}),
                          ("capped", {"output_sequence_length": 6, "max_tokens": 5}),
                          ("count", {"output_mode": "count"}),
                          ("tf_idf", {"output_mode": "tf_idf"}),
                          ("tf_idf_bigrams", {"output_mode": "tf_idf", "ngrams": 2,
                                              "max_tokens": 15, "pad_to_max_tokens": True}),
                          ("characters", {"split": "character", "output_sequence_length": 8})]:
        yield texts(f"text_vectorization_adapted_{name}",
                    lambda o=options: L.TextVectorization(**o), TEXTS[::-1], adapt=TEXTS)
