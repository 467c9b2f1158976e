"""Measures one workload with the strata command; used by the driver in its own process."""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

import data


peak_mb = 0.0


def watch(process):
    """Keeps the largest memory of a running process. The kernel's own count for children starts
    with that of this process, which holds the data."""
    global peak_mb
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                # Before it has become strata it is a copy of this process.
                if line.startswith("Name:") and line.split()[1] != "strata":
                    break
                if line.startswith("VmHWM:"):
                    peak_mb = max(peak_mb, int(line.split()[1]) / 1024)
        except OSError:
            pass
        time.sleep(0.01)


def lines(*command):
    """What a command prints; it ends the measurement if it fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=watch, args=(process,))
    watcher.start()
    output, messages = process.communicate()
    watcher.join()
    if process.returncode != 0:
        raise SystemExit(messages)
    return output


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
            "peak_mb": peak_mb,
            "gflops": row.get("gflops"), "peak_share": row.get("peak_share")}


if __name__ == "__main__":
    import sys
    binary, workload, quick, epochs = sys.argv[1:5]
    print(json.dumps(measure(binary, workload, quick == "quick", int(epochs))))
