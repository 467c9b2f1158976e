"""Runs the workloads in strata and its peers, in turn, and prints Markdown tables."""

import argparse
import datetime
import json
import os
import platform
import sys
from pathlib import Path

import files
from contenders import CONTENDERS, THREADS, contenders, measure
from table import table, unsteady
from workloads import SIZES


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.processor())
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    return {"cpu": model, "cores": os.cpu_count(), "threads": THREADS,
            "extensions": [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_tile")
                           if f" {name}" in flags],
            "system": platform.platform()}


def versions():
    from importlib.metadata import PackageNotFoundError, version
    result = {"python": platform.python_version()}
    for name in ("keras", "jax", "tensorflow-cpu", "torch", "onnxruntime", "numpy"):
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            pass
    return result


def prepare(workloads, quick):
    """Makes the files that are measured, in no contender's time."""
    files.make_networks(workloads)
    for workload in workloads:
        files.make_arrays(workload, quick)
        if files.BINARY.exists():
            files.make_onnx(workload)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="workloads, comma separated", default=",".join(SIZES))
    parser.add_argument("--contenders", help="comma separated: " + ", ".join(CONTENDERS))
    parser.add_argument("--quick", action="store_true", help="fewer samples, two rounds")
    parser.add_argument("--rounds", type=int, help="turns of each contender (3; 2 when quick)")
    parser.add_argument("--epochs", type=int, help="timed epochs in each turn (2; 1 when quick)")
    parser.add_argument("--update", action="store_true",
                        help="keep what the output has about other workloads")
    parser.add_argument("-o", "--output", type=Path, default=files.SOURCES / "results.json")
    arguments = parser.parse_args()
    workloads = arguments.only.split(",")
    chosen = arguments.contenders.split(",") if arguments.contenders else None
    for kind, names, known in [("workload", workloads, SIZES),
                               ("contender", chosen or [], CONTENDERS)]:
        for name in names:
            if name not in known:
                parser.error(f"no {kind} {name}; there are {', '.join(known)}")
    rounds = arguments.rounds or (2 if arguments.quick else 3)
    epochs = arguments.epochs or (1 if arguments.quick else 2)
    if not files.BINARY.exists():
        print(f"{files.BINARY} is not built: measuring the peers only", file=sys.stderr)
    prepare(workloads, arguments.quick)

    old = {}
    if arguments.update and arguments.output.exists():
        old = json.loads(arguments.output.read_text())["workloads"]
    results = {name: old.get(name, {}) for name in SIZES if name in old or name in workloads}
    report = {"machine": machine(), "versions": versions(), "quick": arguments.quick,
              "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
              "load_at_start": os.getloadavg()[0], "workloads": results}
    for workload in workloads:
        row = {name: {"runs": [], "errors": []} for name in contenders(workload, chosen)}
        results[workload] = {**results[workload], **row} if arguments.update else row
        for turn in range(rounds):
            for name in row:
                try:
                    figures = measure(name, workload, arguments.quick, epochs)
                except RuntimeError as error:
                    row[name]["errors"].append(str(error))
                    print(f"{workload} {name}: {error}", file=sys.stderr)
                    continue
                row[name]["runs"].append(figures)
                what = (f"{figures['train_us']:.0f} µs a step" if "train_us" in figures
                        else f"{figures['predict_64_us']:.0f} µs for 64")
                print(f"{workload} {name} {turn + 1}/{rounds}: {what}, "
                      f"others used {figures['others']:.0%} of the machine", file=sys.stderr)
        report["load_at_end"] = os.getloadavg()[0]
        arguments.output.write_text(json.dumps(report, indent=1) + "\n")
    print(table(results))
    print(unsteady(results))


if __name__ == "__main__":
    main()
