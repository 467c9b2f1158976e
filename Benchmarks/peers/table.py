"""Prints the measurements as Markdown tables, with how they stand to the goals.

usage: table.py [RESULTS.json]
"""

import json
import sys
from pathlib import Path

from contenders import CONTENDERS
from workloads import SIZES

FIGURES = [("train_us", "training step in whole epochs, µs"), ("predict_1_us", "predict 1, µs"),
           ("predict_64_us", "predict 64, µs"), ("start_up_s", "start-up to the first step, s"),
           ("peak_mb", "peak memory, MB")]
# Of each family its fastest is compared.
FAMILIES = {"keras": "fastest Keras / strata", "pytorch": "best PyTorch / strata",
            "onnxruntime": "onnxruntime / strata"}

# How many times as long as strata, or as much, a family is to take at least.
GOALS = {
    "train_us": {
        "mlp": {"keras": 3, "pytorch": 4}, "cnn": {"keras": 2, "pytorch": 1.6},
        "lstm": {"keras": 2, "pytorch": 1.5}, "bigru": {"keras": 2, "pytorch": 1.5},
        "resnet20": {"keras": 1.7, "pytorch": 1.15},
        "resnet20-bf16": {"keras": 3, "pytorch": 1.9},
        "transformer": {"keras": 1.7, "pytorch": 1.7}, "wide": {"keras": 1.7, "pytorch": 1.7},
        "mobilenet": {"keras": 2, "pytorch": 1.5}, "unet": {"keras": 2, "pytorch": 1.5},
        "tcn": {"keras": 2, "pytorch": 1.5},
    },
    "predict_1_us": {
        **{name: {"keras": 20, "onnxruntime": 1}
           for name in ("mlp", "cnn", "resnet20", "transformer")},
        **{name: {"onnxruntime": 1} for name in ("lstm", "mobilenet", "light_resnet50")},
    },
    "predict_64_us": {name: {"onnxruntime": 1} for name in (
        "mlp", "cnn", "lstm", "resnet20", "transformer", "mobilenet", "light_resnet50")},
    "start_up_s": {},
    "peak_mb": {
        **{name: {"keras": 5} for name in ("mlp", "cnn")},
        **{name: {"pytorch": 1} for name in (
            "lstm", "bigru", "resnet20", "resnet20-bf16", "transformer", "wide", "mobilenet",
            "unet", "tcn")},
    },
}


def best(row, key):
    """The least value of a figure for each contender that has it."""
    values = {name: [run[key] for run in entry["runs"] if run.get(key) is not None]
              for name, entry in row.items()}
    return {name: min(runs) for name, runs in values.items() if runs}


def ratios(values):
    """How many times as long as strata the fastest of each family takes."""
    result = {}
    for family in FAMILIES:
        others = [value for name, value in values.items() if name.partition("-")[0] == family]
        if others and values.get("strata"):  # a run may be too short to see its memory
            result[family] = min(others) / values["strata"]
    return result


def number(value, key):
    digits = 2 if key == "start_up_s" else 1 if value < 100 and key != "peak_mb" else 0
    return f"{value:,.{digits}f}".replace(",", " ")


def reached(measured, goals):
    known = [measured[family] >= goal for family, goal in goals.items() if family in measured]
    if not known:
        return "–"
    if not all(known):
        return "no"
    return "yes" if len(known) == len(goals) else "in part"


def table(results):
    """A table for each figure."""
    rows = []
    for key, title in FIGURES:
        least = {workload: best(row, key) for workload, row in results.items()}
        least = {workload: values for workload, values in least.items() if values}
        names = [name for name in CONTENDERS if any(name in values for values in least.values())]
        families = [family for family in FAMILIES
                    if any(name.partition("-")[0] == family for name in names)]
        if not names:
            continue
        rows += [f"### {title}", "",
                 "| workload (batch) | " + " | ".join(names + [FAMILIES[f] for f in families])
                 + " | goal reached |", "|---|" + "---:|" * (len(names) + len(families)) + "---|"]
        for workload, values in least.items():
            goals, measured = GOALS[key].get(workload, {}), ratios(values)
            cells = [number(values[name], key) if name in values else "–" for name in names]
            for family in families:
                goal = f" (goal {goals[family]:g})" if family in goals else ""
                cells.append(f"{measured[family]:.2f}{goal}" if family in measured else "–")
            batch = f" ({SIZES[workload][0]})" if key == "train_us" else ""
            rows.append(f"| {workload}{batch} | " + " | ".join(cells)
                        + f" | {reached(measured, goals)} |")
        rows.append("")
    return "\n".join(rows)


def unsteady(results):
    """Names the figures not to be trusted."""
    notes = []
    for workload, row in results.items():
        for name, entry in row.items():
            key = "train_us" if any("train_us" in run for run in entry["runs"]) else "predict_64_us"
            times = [run[key] for run in entry["runs"]]
            if len(times) == 1 or times and max(times) >= 1.5 * min(times):
                values = ", ".join(f"{value:.0f}" for value in times)
                notes.append(f"- {workload} {name}: {values} µs")
            others = max((run["others"] for run in entry["runs"]), default=0)
            if others > 0.05:
                notes.append(f"- {workload} {name}: others used up to {others:.0%} of the machine")
            notes += [f"- {workload} {name} failed: {error}" for error in entry["errors"]]
    if not notes:
        return "All steady."
    return "\n".join(["Unsteady, taken once, disturbed by other work, or failed:", "", *notes])


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "results.json"
    results = json.loads(path.read_text())["workloads"]
    print(table(results))
    print(unsteady(results))
