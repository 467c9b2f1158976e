"""Runs the five workloads in strata and its peers, in turn, and prints a Markdown table."""

import argparse
import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import data

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BINARY = ROOT / ".build" / "release" / "strata"
CONTENDERS = ["strata", "keras-jax", "keras-tensorflow", "keras-torch", "pytorch",
              "pytorch-channels-last"]
FIGURES = [("train_us", "training step, µs"), ("predict_1_us", "predict 1, µs"),
           ("predict_64_us", "predict 64, µs"), ("start_up_s", "start-up, s"),
           ("peak_mb", "peak memory, MB")]
THREADS = 2


def command(contender, workload, quick, epochs):
    rest = [workload, "quick" if quick else "full", str(epochs)]
    if contender == "strata":
        return [sys.executable, str(FOLDER / "strata_worker.py"), str(BINARY), *rest]
    if contender.startswith("keras-"):
        return [sys.executable, str(FOLDER / "keras_worker.py"), *rest]
    layout = "channels_last" if contender.endswith("channels-last") else "contiguous"
    return [sys.executable, str(FOLDER / "torch_worker.py"), *rest, layout]


def busy():
    """Seconds the machine's cores have been busy, and those of this program's finished children."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    idle = fields[3] + fields[4]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = children.ru_utime + children.ru_stime
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), own, time.perf_counter()


def measure(contender, workload, quick, epochs):
    """One process, held to two cores. Its figures, or a message."""
    environment = {
        **os.environ, "OMP_NUM_THREADS": str(THREADS), "TF_NUM_INTRAOP_THREADS": str(THREADS),
        "TF_NUM_INTEROP_THREADS": str(THREADS), "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": contender.removeprefix("keras-"), "STARTED": str(time.time())}
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    before = busy()
    process = subprocess.Popen(
        command(contender, workload, quick, epochs), env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, cores))
    try:
        output, errors = process.communicate(timeout=1800)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, "took over half an hour"
    if process.returncode != 0:
        return None, (errors.strip().splitlines() or ["no message"])[-1]
    all_cores, own, seconds = (after - then for after, then in zip(busy(), before))
    figures = json.loads(output.strip().splitlines()[-1])
    # Two threads that wait for each other suffer out of proportion when a third wants a core.
    figures["others"] = max(0.0, all_cores - own) / (seconds * os.cpu_count())
    return figures, None


def contenders(workload, chosen):
    for name in CONTENDERS:
        if chosen and name not in chosen:
            continue
        if name == "strata" and not BINARY.exists():
            continue
        if name == "pytorch-channels-last" and workload not in ("cnn", "resnet20"):
            continue
        yield name


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
    for name in ("keras", "jax", "tensorflow-cpu", "torch", "numpy"):
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            pass
    return result


def table(results):
    """Every figure's minimum, and how many times longer the fastest peer takes than strata."""
    names = [name for name in CONTENDERS if any(name in row for row in results.values())]
    rows = []
    for key, title in FIGURES:
        rows += [f"### {title}", "",
                 "| workload (batch) | " + " | ".join(names) + " | fastest peer / strata |",
                 "|---|" + "---:|" * (len(names) + 1)]
        for workload, row in results.items():
            best = {name: min(run[key] for run in row[name]["runs"]) for name in names
                    if name in row and row[name]["runs"]}
            peers = [value for name, value in best.items() if name != "strata"]
            ratio = f"{min(peers) / best['strata']:.2f}" if "strata" in best and peers else "–"
            digits = 2 if key == "start_up_s" else 0
            cells = [f"{best[name]:,.{digits}f}".replace(",", " ") if name in best else "–"
                     for name in names]
            rows.append(f"| {workload} ({data.SIZES[workload][0]}) | " + " | ".join(cells)
                        + f" | {ratio} |")
        rows.append("")
    return "\n".join(rows)


def unsteady(results):
    """Names the figures not to be trusted."""
    notes = []
    for workload, row in results.items():
        for name, entry in row.items():
            times = [run["train_us"] for run in entry["runs"]]
            if len(times) == 1 or times and max(times) >= 1.5 * min(times):
                values = ", ".join(f"{value:.0f}" for value in times)
                notes.append(f"- {workload} {name}: {values} µs a step")
            others = max((run["others"] for run in entry["runs"]), default=0)
            if others > 0.05:
                notes.append(f"- {workload} {name}: others used up to {others:.0%} of the machine")
            notes += [f"- {workload} {name} failed: {error}" for error in entry["errors"]]
    if not notes:
        return "All steady."
    return "\n".join(["Unsteady, taken once, disturbed by other work, or failed:", "", *notes])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="workloads, comma separated", default=",".join(data.SIZES))
    parser.add_argument("--contenders", help="comma separated: " + ", ".join(CONTENDERS))
    parser.add_argument("--quick", action="store_true", help="fewer samples, two rounds")
    parser.add_argument("--rounds", type=int, help="turns of each contender (3; 2 when quick)")
    parser.add_argument("--epochs", type=int, help="timed epochs in each turn (2; 1 when quick)")
    parser.add_argument("-o", "--output", type=Path, default=FOLDER / "results.json")
    arguments = parser.parse_args()
    workloads = arguments.only.split(",")
    unknown = [name for name in workloads if name not in data.SIZES]
    if unknown:
        parser.error(f"no workload {unknown[0]}; there are {', '.join(data.SIZES)}")
    rounds = arguments.rounds or (2 if arguments.quick else 3)
    epochs = arguments.epochs or (1 if arguments.quick else 2)
    chosen = arguments.contenders.split(",") if arguments.contenders else None
    if not BINARY.exists():
        print(f"{BINARY} is not built: measuring the peers only", file=sys.stderr)

    results = {}
    report = {"machine": machine(), "versions": versions(), "quick": arguments.quick,
              "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
              "load_at_start": os.getloadavg()[0], "workloads": results}
    for workload in workloads:
        row = results[workload] = {
            name: {"runs": [], "errors": []} for name in contenders(workload, chosen)}
        for turn in range(rounds):
            for name in row:
                figures, error = measure(name, workload, arguments.quick, epochs)
                if error:
                    row[name]["errors"].append(error)
                    print(f"{workload} {name}: {error}", file=sys.stderr)
                    continue
                figures["load"] = os.getloadavg()[0]
                row[name]["runs"].append(figures)
                print(f"{workload} {name} {turn + 1}/{rounds}: "
                      f"{figures['train_us']:.0f} µs a step, "
                      f"others used {figures['others']:.0%} of the machine",
                      file=sys.stderr)
        report["load_at_end"] = os.getloadavg()[0]
        arguments.output.write_text(json.dumps(report, indent=1) + "\n")
    print(table(results))
    print(unsteady(results))


if __name__ == "__main__":
    main()
