"""Windows of time series and folders of texts, as Keras's utilities list them."""

import os
import tempfile
from pathlib import Path

from common import GOLDEN, generator, keras, np, write_json, write_npz

FOLDER = GOLDEN / "datasets"

# name, steps, features, targets, options
WINDOWS = [
    ("windows_plain", 12, None, None, dict(sequence_length=4)),
    ("windows_features", 15, 3, None, dict(sequence_length=5, sequence_stride=2)),
    ("windows_rate", 20, 2, None, dict(sequence_length=4, sequence_stride=3, sampling_rate=2)),
    ("windows_targets", 14, 2, 14, dict(sequence_length=3, sampling_rate=2)),
    ("windows_few_targets", 14, 1, 6, dict(sequence_length=3)),
    ("windows_many_targets", 14, 1, 20, dict(sequence_length=3, sequence_stride=2)),
    ("windows_part", 20, 1, 20, dict(sequence_length=3, start_index=4, end_index=15)),
    ("windows_start", 20, None, 20, dict(sequence_length=2, sampling_rate=3, start_index=7)),
    ("windows_one", 6, 1, 6, dict(sequence_length=6)),
]

PATHS = [
    "dog/10.txt", "dog/2.txt", "dog/1.TXT", "dog/no.md", "cat/b/z.txt", "cat/b-a/y.txt",
    "cat/a.txt", "cat/Z.txt", "cat/b/c/x.txt", "Ape/ä.txt", "Ape/z.txt", ".hidden/h.txt",
    "top.txt", "owl_2/o.txt", "owl/o.txt",
]


def windows(name, steps, features, targets, options):
    random = generator(name)
    shape = (steps,) if features is None else (steps, features)
    arrays = {"data": random.integers(0, 100, shape).astype("float32")}
    if targets:
        arrays["targets"] = random.integers(0, 100, (targets, 1)).astype("float32")
    dataset = keras.utils.timeseries_dataset_from_array(
        arrays["data"], arrays.get("targets"), batch_size=None, **options)
    elements = list(dataset.as_numpy_iterator())
    if targets:
        arrays["windows"] = np.stack([element[0] for element in elements])
        arrays["window_targets"] = np.stack([element[1] for element in elements])
    else:
        arrays["windows"] = np.stack(elements)
    write_npz(FOLDER / f"{name}.npz", arrays)
    return {"name": name, "kind": "windows", **options}


def texts():
    with tempfile.TemporaryDirectory() as folder:
        for path in PATHS:
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(path)
        dataset = keras.utils.text_dataset_from_directory(
            folder, batch_size=None, shuffle=False, verbose=False)
        elements = list(dataset.as_numpy_iterator())
    return {
        "name": "texts", "kind": "texts", "paths": PATHS,
        "class_names": dataset.class_names,
        "texts": [text.decode() for text, _ in elements],
        "labels": [int(label) for _, label in elements],
    }


if __name__ == "__main__":
    cases = [windows(*case) for case in WINDOWS] + [texts()]
    write_json(FOLDER / "cases.json", {"cases": cases})
