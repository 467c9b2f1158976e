"""Who is measured, and how one of them is run: in a process of its own, held to two cores."""

import json
import os
import resource
import subprocess
import sys
import time

import files
from workloads import PICTURES, PREDICT_ONLY

CONTENDERS = ["strata", "keras-jax", "keras-tensorflow", "keras-torch", "pytorch",
              "pytorch-channels-last", "onnxruntime"]
THREADS = 2
PATIENCE = 1800  # seconds


def contenders(workload, chosen):
    """Who can do a workload."""
    for name in chosen or CONTENDERS:
        family = name.partition("-")[0]
        exported = family == "onnxruntime" and workload not in PREDICT_ONLY
        if (family == "strata" or exported) and not files.BINARY.exists():
            continue
        if family == "pytorch" and workload in PREDICT_ONLY:
            continue
        if name == "pytorch-channels-last" and workload not in PICTURES:
            continue
        # It has no convolutions in bfloat16.
        if family == "onnxruntime" and workload.endswith("-bf16"):
            continue
        yield name


def command(contender, workload, quick, epochs):
    family = contender.partition("-")[0]
    worker = {"pytorch": "torch"}.get(family, family)
    result = [sys.executable, str(files.SOURCES / f"{worker}_worker.py"), workload,
              "quick" if quick else "full", str(epochs)]
    if family == "pytorch":
        result.append("channels_last" if contender.endswith("channels-last") else "contiguous")
    return result


def busy():
    """Seconds the machine's cores have been busy, and those of this program's finished children."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    idle = fields[3] + fields[4]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = children.ru_utime + children.ru_stime
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), own, time.perf_counter()


def held_to_cores(command, **environment):
    """What a process prints, and the share of the machine that others used meanwhile; or raises."""
    environment = {
        **os.environ, "OMP_NUM_THREADS": str(THREADS), "TF_NUM_INTRAOP_THREADS": str(THREADS),
        "TF_NUM_INTEROP_THREADS": str(THREADS), "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu",
        "STARTED": str(time.time()), **environment}
    cores = sorted(os.sched_getaffinity(0))[:THREADS]
    before = busy()
    process = subprocess.Popen(
        [str(part) for part in command], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, cores))
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise RuntimeError("took over half an hour") from None
    if process.returncode != 0:
        lines = errors.strip().splitlines() or ["no message"]
        # The message of strata is its first line, that of an exception in Python the last.
        raise RuntimeError(next((line for line in lines if line.startswith("error:")), lines[-1]))
    all_cores, own, seconds = (after - then for after, then in zip(busy(), before))
    # Two threads that wait for each other suffer out of proportion when a third wants a core.
    return output, max(0.0, all_cores - own) / (seconds * os.cpu_count())


def measure(contender, workload, quick, epochs):
    """One turn of a contender. Its figures, or raises."""
    output, others = held_to_cores(
        command(contender, workload, quick, epochs),
        KERAS_BACKEND=contender.removeprefix("keras-"))
    figures = json.loads(output.strip().splitlines()[-1])
    return {**figures, "others": others, "load": os.getloadavg()[0]}
