"""A `.keras` file with vocabularies beside its configuration, and what Keras computes with it.

Keras's layers over strings need TensorFlow.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

L = keras.layers
FOLDER = Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "preprocessing"


def network():
    """Every layer that is adapted, and layers in layers; what they find is in the file."""
    text = keras.Input((1,), dtype="string", name="text")
    title = keras.Input((), dtype="string", name="title")
    words = keras.Input((3,), dtype="string", name="words")
    numbers = keras.Input((4,), name="numbers")
    ids = keras.Input((2,), dtype="int64", name="ids")
    random = np.random.default_rng(3)

    vectorize = L.TextVectorization(output_sequence_length=5, name="vectorize")
    vectorize.adapt(["the cat sat", "a cat on the mat", "Äpfel, the cat"])
    weigh = L.TextVectorization(output_mode="tf_idf", max_tokens=9, pad_to_max_tokens=True,
                                name="weigh")
    weigh.adapt(["the cat sat", "a cat on the mat"])
    rank = L.StringLookup(output_mode="tf_idf", name="rank")
    rank.adapt([["a", "b", "c"], ["a", "a", "d"], ["é", "a", "b"]])
    places = L.StringLookup(mask_token="", num_oov_indices=2, name="places")
    places.adapt([["a", "b", "c"], ["a", "a", "d"]])
    count = L.IntegerLookup(output_mode="count", name="count")
    count.adapt(np.array([[1, 2], [2, -3], [7, 2]]))
    given = L.StringLookup(vocabulary=["x", "b"], output_mode="multi_hot", name="given")
    normalize = L.Normalization(name="normalize")
    normalize.adapt(random.normal(2, 3, (20, 4)).astype("float32"))
    bins = L.Discretization(num_bins=4, output_mode="one_hot", name="bins")
    bins.adapt(random.normal(0, 1, 300).astype("float32"))
    inner = L.Normalization(name="inner")
    inner.adapt(random.normal(1, 2, (20, 4)).astype("float32"))
    pipeline = L.Pipeline([L.Rescaling(2.0), inner], name="pipeline")

    tokens = keras.Sequential([keras.Input((1,), dtype="string"), vectorize,
                               L.Embedding(12, 2, name="embedding")], name="tokens")
    dense = lambda units, name: L.Dense(units, use_bias=False, name=name)
    parts = [
        L.Flatten()(tokens(text)), weigh(title), rank(words),
        L.Flatten()(L.Embedding(9, 2, name="placed")(places(words))),
        dense(2, "counted")(count(ids)), dense(2, "shown")(given(words)),
        normalize(numbers), L.Flatten()(bins(numbers)), pipeline(numbers),
    ]
    return keras.Model([text, title, words, numbers, ids], L.Dense(3, name="out")(L.Concatenate()(parts)))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(5)
    model = network()
    random = np.random.default_rng(4)
    inputs = {
        "text": [["The cat sat!"], ["a dog on äpfel"], [""]],
        "title": ["the the mat", "", "a Cat? sat"],
        "words": [["a", "b", "zz"], ["", "d", "x"], ["é", "c", "a"]],
        "numbers": random.normal(1, 2, (3, 4)).round(3).tolist(),
        "ids": [[1, 2], [7, 99], [-3, -3]],
    }
    types = {"text": "string", "title": "string", "words": "string", "numbers": "float32", "ids": "int64"}
    outputs = model.predict([tf.constant(inputs[name], types[name]) for name in types], verbose=0)
    model.save(FOLDER / "vocabularies.keras")
    (FOLDER / "vocabularies.json").write_text(json.dumps(
        {"inputs": inputs, "output": outputs.tolist()}) + "\n")
