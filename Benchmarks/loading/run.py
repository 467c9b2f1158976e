"""Times the loading of model files in strata and its peers, in turn, and prints a Markdown table."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BINARY = ROOT / ".build" / "release" / "strata"
# What each file is, and who can read it.
FILES = {
    "dense.keras": ["strata", "keras"],
    "resnet50.keras": ["strata", "keras"],
    "adam.keras": ["strata", "keras"],
    "resnet50.onnx": ["strata", "onnxruntime"],
    "minilm.safetensors": ["strata", "safetensors"],
}
THREADS = 2


def run(command):
    """What a process prints as its last line, held to two cores."""
    environment = {
        **os.environ, "OMP_NUM_THREADS": str(THREADS), "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    done = subprocess.run(
        [str(part) for part in command], env=environment, text=True, capture_output=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(contender, path):
    """Milliseconds by figure: `load`, and for strata what it is made of."""
    if contender == "strata":
        row = run([BINARY, "bench", "--loading", path, "--threads", THREADS, "--json"])[0]
        return {"load": row["load_ms"], "unchecked": row["unchecked_ms"], "read": row["read_ms"]}
    return {"load": run([sys.executable, FOLDER / "worker.py", contender, path])["load_ms"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="files, separated by commas")
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "loading")
    parser.add_argument("--binary", type=Path)
    arguments = parser.parse_args()
    global BINARY
    BINARY = arguments.binary or BINARY
    arguments.folder.mkdir(parents=True, exist_ok=True)
    made = [name for name in FILES if not name.endswith(".onnx")]
    if not all((arguments.folder / name).exists() for name in made):
        run([sys.executable, FOLDER / "worker.py", "make", arguments.folder])
    onnx = arguments.folder / "resnet50.onnx"
    if not onnx.exists():
        run([BINARY, "convert", arguments.folder / "resnet50.keras", onnx, "--json"])

    names = arguments.only.split(",") if arguments.only else list(FILES)
    best = {name: {} for name in names}
    for turn in range(arguments.rounds):
        for name in names:
            for contender in FILES[name]:
                for figure, value in measure(contender, arguments.folder / name).items():
                    key = contender if figure == "load" else figure
                    best[name][key] = min(value, best[name].get(key, value))
        print(f"round {turn + 1} of {arguments.rounds} done", file=sys.stderr)

    print("| file | MB | reading the bytes | strata | without test vector | share | peer | ms |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        row, peer = best[name], FILES[name][1]
        size = (arguments.folder / name).stat().st_size / 1e6
        print(f"| {name} | {size:.0f} | {row['read']:.1f} | {row['strata']:.1f} "
              f"| {row['unchecked']:.1f} | {row['strata'] / row['read']:.2f} "
              f"| {peer} | {row[peer]:.1f} |")
    result = {
        "date": time.strftime("%Y-%m-%d"), "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(), "threads": THREADS, "rounds": arguments.rounds,
        "milliseconds": best}
    (FOLDER / "results.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
