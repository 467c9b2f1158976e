"""Writes the measurements into the tables of the README.

usage: readme.py [RESULTS.json]
"""

import json
import sys
from pathlib import Path

from table import best, ratios

SOURCES = Path(__file__).resolve().parent
README = SOURCES.parents[1] / "README.md"
BACKENDS = {"keras-jax": "JAX", "keras-tensorflow": "TensorFlow", "keras-torch": "PyTorch"}


def number(value):
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}".replace(",", " ")


def fastest_keras(values):
    """The name of the backend and its time."""
    found = [(value, BACKENDS[name]) for name, value in values.items() if name in BACKENDS]
    return min(found)


def training(row):
    values = best(row, "train_us")
    keras, backend = fastest_keras(values)
    pytorch = min(value for name, value in values.items() if name.startswith("pytorch"))
    times = ratios(values)
    return [number(values["strata"]), f"{number(keras)} ({backend})", number(pytorch),
            f"{times['keras']:.1f}", f"{times['pytorch']:.1f}"]


def prediction(row):
    one, many = best(row, "predict_1_us"), best(row, "predict_64_us")
    return [number(one["strata"]), number(fastest_keras(one)[0]), number(one["onnxruntime"]),
            number(many["strata"]), number(many["onnxruntime"])]


# The beginnings of rows, the workloads, and what their cells are.
TRAINING = {"mlp 784": "mlp", "wide mlp, ": "wide", "cnn, ": "cnn", "lstm, ": "lstm",
            "two bidirectional": "bigru", "resnet20, ": "resnet20",
            "the same in": "resnet20-bf16", "transformer, ": "transformer",
            "MobileNet-like, ": "mobilenet", "U-Net, ": "unet", "dilated causal": "tcn"}
PREDICTION = {"mlp |": "mlp", "wide mlp |": "wide", "cnn |": "cnn", "lstm |": "lstm",
              "resnet20 |": "resnet20", "transformer |": "transformer",
              "MobileNet-like |": "mobilenet", "U-Net |": "unet", "ResNet-50 |": "light_resnet50"}


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCES / "results.json"
    workloads = json.loads(path.read_text())["workloads"]
    lines = README.read_text().splitlines()
    for index, line in enumerate(lines):
        for rows, cells in [(TRAINING, training), (PREDICTION, prediction)]:
            for beginning, workload in rows.items():
                if line.startswith(f"| {beginning}") and workload in workloads:
                    label = line.split("|")[1].strip()
                    lines[index] = "| " + " | ".join([label, *cells(workloads[workload])]) + " |"
    README.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
