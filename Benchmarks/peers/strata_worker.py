"""Measures one workload with the strata command; used by the driver in its own process."""

import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import data


def lines(binary, *arguments):
    """The JSON lines a command prints; its messages for people are dropped."""
    result = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or f"{arguments} gave {result.returncode}")
    return result.stdout


def bench(binary, workload, batch):
    rows = json.loads(lines(binary, "bench", workload, "--batch-size", str(batch), "--json"))
    return next(row for row in rows if row["name"] == workload)


def measure(binary, workload, quick, epochs):
    batch, full, _ = data.SIZES[workload]
    x, y, _ = data.load(workload, True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        output = str(folder / "model.keras")
        np.save(folder / "x.npy", x[:batch])
        np.save(folder / "y.npy", y[:batch])
        begin = time.perf_counter()
        lines(binary, "train", workload, "--x", str(folder / "x.npy"), "--y", str(folder / "y.npy"),
              "--epochs", "1", "--batch-size", str(batch), "--json", "-o", output)
        start_up = time.perf_counter() - begin  # the whole command, one step and the file included
        row = bench(binary, workload, batch)
        train, steps = row["train_us"], 0
        if workload in ("mlp", "cnn"):
            printed = lines(binary, "train", workload, "--data", "fashion-mnist",
                            "--batch-size", str(batch), "--epochs", str(epochs + 1),
                            "--json", "-o", output)
            seconds = [json.loads(line)["seconds"] for line in printed.splitlines()
                       if line.startswith("{")]
            steps = -(-full // batch)
            train = min(seconds[1:]) / steps * 1e6
    one, many = bench(binary, workload, 1), bench(binary, workload, 64)
    return {"train_us": train, "bench_train_us": row["train_us"], "predict_1_us": one["predict_us"],
            "predict_64_us": many["predict_us"], "start_up_s": start_up, "steps": steps,
            "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            "gflops": row.get("gflops"), "peak_share": row.get("peak_share")}


if __name__ == "__main__":
    import sys
    binary, workload, quick, epochs = sys.argv[1:5]
    print(json.dumps(measure(binary, workload, quick == "quick", int(epochs))))
