"""The data of the five workloads: Fashion-MNIST as installed by the distribution, or synthetic."""

import gzip
import os
from pathlib import Path

import numpy as np

FOLDER = Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))

# Batch size, and the number of samples in an epoch (in a quick run).
SIZES = {
    "mlp": (32, 60_000, 9_600),
    "cnn": (128, 60_000, 2_560),
    "lstm": (128, 12_800, 2_560),
    "resnet20": (64, 1_920, 640),
    "transformer": (32, 1_920, 640),
}


def fashion_mnist():
    """Images as float32 in 0...1 of shape (60000, 28, 28), and labels."""
    def read(name, offset):
        with gzip.open(FOLDER / name, "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    try:
        images = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
        labels = read("train-labels-idx1-ubyte.gz", 8)
    except FileNotFoundError as error:
        raise SystemExit(f"{error.filename} is missing: install the package dataset-fashion-mnist, "
                         "or set FASHION_MNIST to the folder that holds its files")
    return images.astype("float32") / 255, labels.astype("int32")


def load(workload, quick):
    """Inputs, labels, batch size. The number of samples is a multiple of the batch size."""
    batch, full, short = SIZES[workload]
    count = short if quick else full
    if workload in ("mlp", "cnn"):
        x, y = fashion_mnist()
        return (x[:count, ..., None] if workload == "cnn" else x[:count]), y[:count], batch
    random = np.random.default_rng(0)
    y = random.integers(0, 10, count).astype("int32")
    if workload == "lstm":
        return random.standard_normal((count, 28, 28)).astype("float32"), y, batch
    if workload == "resnet20":
        return random.random((count, 32, 32, 3)).astype("float32"), y, batch
    return random.integers(0, 10_000, (count, 64)).astype("int32"), y, batch
