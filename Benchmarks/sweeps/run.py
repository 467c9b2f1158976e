"""Sweeps sizes in strata alone, and flags where a unit of work suddenly costs more."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from points import AXES

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parents[1]
BINARY = Path(os.environ.get("STRATA", ROOT / ".build" / "release" / "strata"))
FOLDER = ROOT / ".build" / "sweeps"
LIMIT = 3  # times the cost of a unit at a neighboring size
FIGURES = {"train_us": "step", "predict_us": "predict"}


def strata(*arguments):
    """What a command prints, or raises with its message."""
    done = subprocess.run([str(BINARY), *map(str, arguments)], text=True, capture_output=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(lines[0])
    return done.stdout


def measure(point, threads, old=None):
    """Microseconds of a step and of a prediction: the least, if measured before."""
    row = json.loads(strata("bench", FOLDER / f"{point.network}.keras", "--batch-size", point.batch,
                            "--threads", threads, "--json"))[0]
    return {key: min(row[key], (old or row)[key]) for key in FIGURES}


def cliffs(points, rows):
    """The points that cost too much, by which figure, and how many times what a neighbor does."""
    found = []
    for key, title in FIGURES.items():
        known = [(point, row[key]) for point, row in zip(points, rows) if row]
        least = min((cost for _, cost in known), default=0)
        for (point, cost), (larger, next_cost) in zip(known, known[1:]):
            ratio = cost / point.work / (next_cost / larger.work)
            # What costs little more than nothing has no work to share its fixed costs.
            if cost > 1.5 * next_cost or (ratio > LIMIT and cost > 2 * least):
                found.append((point, title, max(ratio, cost / next_cost)))
            elif ratio < 1 / LIMIT and cost > 2 * least:  # the larger one is the cliff
                found.append((larger, title, 1 / ratio))
    return found


def start_up(point, threads):
    """Seconds of loading, and of a whole command that trains one step."""
    path = FOLDER / f"{point.network}.keras"
    load = json.loads(strata("bench", "--loading", path, "--threads", threads, "--json"))[0]
    with tempfile.TemporaryDirectory() as folder:
        x, y = f"{folder}/x.npy", f"{folder}/y.npy"
        np.save(x, np.ones((point.batch, 32), "float32"))
        np.save(y, np.zeros(point.batch, "int32"))
        begin = time.perf_counter()
        strata("train", path, "--x", x, "--y", y, "--batch-size", point.batch,
               "--threads", threads, "--json", "-o", f"{folder}/model.keras")
        return load["load_ms"] / 1e3, time.perf_counter() - begin


def report(title, unit, points, rows, found):
    named = {}
    for point, figure, ratio in found:
        named.setdefault(point, []).append(f"{figure} ×{ratio:.1f}")
    print(f"### {title}\n\n| size | batch | step, µs | ns a {unit} | predict, µs | ns a {unit} "
          "| cliff |\n|---:|---:|---:|---:|---:|---:|---|")
    for point, row in zip(points, rows):
        cells = [f"{point.size} | {point.batch}"]
        for key in FIGURES:
            cells.append(f"{row[key]:.1f} | {row[key] * 1e3 / point.work:.4g}" if row else "– | –")
        print(f"| {' | '.join(cells)} | {', '.join(named.get(point, []))} |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="axes whose titles contain one of these, comma separated")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="an interpreter with Keras")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = (arguments.only or "").split(",")
    axes = {title: axis for title, axis in AXES.items() if any(part in title for part in wanted)}
    points = [point for _, points in axes.values() for point in points]
    if any(not (FOLDER / f"{point.network}.keras").exists() for point in points):
        subprocess.run([arguments.python, str(SOURCES / "networks.py"), str(FOLDER)], check=True,
                       env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"})

    everything, failed = [], []
    for title, (unit, points) in axes.items():
        rows = []
        for point in points:
            try:
                rows.append(measure(point, arguments.threads))
            except RuntimeError as error:
                rows.append(None)
                failed.append(f"- {title}, {point.size}, batch {point.batch}: {error}")
        # What looks like a cliff may be another program that wanted the cores.
        for point in {point for point, _, _ in cliffs(points, rows)}:
            index = points.index(point)
            rows[index] = measure(point, arguments.threads, rows[index])
        found = cliffs(points, rows)
        report(title, unit, points, rows, found)
        everything += [(ratio, title, point, figure) for point, figure, ratio in found]
        if title.startswith("layers"):
            for point in points:
                load, whole = start_up(point, arguments.threads)
                print(f"{point.size} layers: {load:.3f} s to load, {whole:.3f} s for the command "
                      "with its first step")
            print(flush=True)
    print("\n".join(["Failed:", "", *failed, ""] if failed else []), end="")
    print("Cliffs, the worst first:\n" if everything else "No cliffs.")
    for ratio, title, point, figure in sorted(everything, key=lambda row: -row[0]):
        print(f"- {title}, {point.size}, batch {point.batch}, {figure}: {ratio:.1f} times")


if __name__ == "__main__":
    main()
