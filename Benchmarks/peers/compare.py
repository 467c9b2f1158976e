"""Compares fresh measurements of strata with the committed ones, and says what moved.

usage: compare.py [RESULTS.json]
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from workloads import PREDICT_ONLY, SIZES

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parents[1]
BINARY = Path(os.environ.get("STRATA", ROOT / ".build" / "release" / "strata"))
BUILT_IN = ("mlp", "cnn", "lstm", "resnet20", "transformer")
FIGURES = {"train_us": ("bench_train_us", "step"), "predict_us": ("bench_predict_us", "predict")}
LIMIT = 0.15


def network(workload):
    """What `strata bench` is given: a file that the comparison with peers has left, or a name."""
    for ending in ("keras", "onnx"):
        path = ROOT / ".build" / "peers" / f"{workload}.{ending}"
        if path.exists():
            return str(path)
    return workload if workload in BUILT_IN else None


def committed(workload, runs):
    """The least of every figure that is to be compared, and the batch size."""
    if workload in PREDICT_ONLY:
        return {"train_us": None, "predict_us": min(run["predict_1_us"] for run in runs)}, 1
    row = {key: min((run[old] for run in runs if run.get(old)), default=None)
           for key, (old, _) in FIGURES.items()}
    return row, SIZES[workload][0]


def bench(model, batch):
    done = subprocess.run([str(BINARY), "bench", model, "--batch-size", str(batch), "--json"],
                          text=True, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)[0]


def moved(old, new):
    """By which share each figure moved."""
    return {key: new[key] / old[key] - 1 for key in FIGURES if old[key] and new[key]}


def chosen(cpu):
    """The results that are given, or those of this processor if there are some."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    own = (path for path in sorted(SOURCES.glob("results*.json"))
           if json.loads(path.read_text())["machine"]["cpu"] == cpu)
    return next(own, SOURCES / "results.json")


def main():
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                if line.startswith("model name")), "")
    report = json.loads(chosen(cpu).read_text())
    if cpu != report["machine"]["cpu"]:
        print(f"Measured on {report['machine']['cpu']}, now on {cpu}: compare with care.\n")
    print(f"{'':<16}{'batch':>6}{'':<10}{'committed, µs':>15}{'now, µs':>12}{'moved':>9}")
    notes, missing = [], []
    for workload, row in report["workloads"].items():
        runs, model = row.get("strata", {}).get("runs"), network(workload)
        if not runs:
            continue
        if not model:
            missing.append(workload)
            continue
        old, batch = committed(workload, runs)
        new = bench(model, batch)
        if any(abs(share) > LIMIT for share in moved(old, new).values()):
            again = bench(model, batch)  # what moved may have been disturbed
            new |= {key: min(new[key], again[key]) for key in FIGURES if new[key]}
        for key, share in moved(old, new).items():
            print(f"{workload:<16}{new['batch']:>6}  {FIGURES[key][1]:<8}{old[key]:>15.1f}"
                  f"{new[key]:>12.1f}{share:>+9.0%}", flush=True)
            if abs(share) > LIMIT:
                word = "slower" if share > 0 else "faster"
                notes.append(f"{workload}, {FIGURES[key][1]}: {share:+.0%}, {word}")
    print("", *(notes or [f"Nothing moved by more than {LIMIT:.0%}."]), sep="\n")
    if missing:
        print(f"\nNot measured, for want of files (make bench-peers): {', '.join(missing)}")


if __name__ == "__main__":
    main()
