"""Measures one workload with the strata command; used by the driver in its own process."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import files
from workloads import PREDICT_ONLY, SIZES


class Command:
    """A finished command: what it printed, how long it took, and the most memory it had."""

    def __init__(self, *arguments):
        self.peak_mb = 0.0
        begin = time.perf_counter()
        process = subprocess.Popen(
            [str(files.BINARY), *map(str, arguments)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watcher = threading.Thread(target=self.watch, args=(process,))
        watcher.start()
        self.output, messages = process.communicate()
        self.seconds = time.perf_counter() - begin
        watcher.join()
        if process.returncode != 0:
            raise SystemExit(messages)

    def watch(self, process):
        """The kernel's own count for children starts with that of this process."""
        while process.poll() is None:
            try:
                for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                    # Before it has become strata it is a copy of this process.
                    if line.startswith("Name:") and not line.split()[1].startswith("strata"):
                        break
                    if line.startswith("VmHWM:"):
                        self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
            except OSError:
                pass
            time.sleep(0.01)


def bench(workload, batch):
    """The only row of `strata bench`."""
    command = Command("bench", files.network(workload), "--batch-size", batch, "--json")
    return json.loads(command.output)[0]


def train(workload, count, epochs):
    """A training on the first samples, and the seconds of its epochs."""
    x, y = files.arrays(workload, count)
    with tempfile.TemporaryDirectory() as folder:
        command = Command(
            "train", files.network(workload), "--x", x, "--y", y, "--epochs", epochs,
            "--batch-size", SIZES[workload][0], "--json", "-o", f"{folder}/model.keras")
    rows = [json.loads(line) for line in command.output.splitlines() if line.startswith("{")]
    return command, [row["seconds"] for row in rows]


def measure(workload, quick, epochs):
    batch, full, short = SIZES[workload]
    rows = {size: bench(workload, size) for size in {1, 64}}
    figures = {"predict_1_us": rows[1]["predict_us"], "predict_64_us": rows[64]["predict_us"]}
    if workload in PREDICT_ONLY:
        return figures
    count = short if quick else full
    start, _ = train(workload, batch, 1)  # the whole command, one step and the file included
    whole, seconds = train(workload, count, epochs + 1)
    row = rows.get(batch) or bench(workload, batch)
    return {"train_us": min(seconds[1:]) / (count // batch) * 1e6,
            "bench_train_us": row["train_us"], "bench_predict_us": row["predict_us"], **figures,
            "start_up_s": start.seconds, "steps": count // batch, "peak_mb": whole.peak_mb,
            "gflops": row["gflops"], "peak_share": row["peak_share"]}


if __name__ == "__main__":
    workload, quick, epochs = sys.argv[1:4]
    print(json.dumps(measure(workload, quick == "quick", int(epochs))))
