"""The files that strata and onnxruntime are measured with, made once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import data
from workloads import PREDICT_ONLY, SIZES

SOURCES = Path(__file__).resolve().parent
ROOT = SOURCES.parents[1]
BINARY = Path(os.environ.get("STRATA", ROOT / ".build" / "release" / "strata"))
FOLDER = ROOT / ".build" / "peers"


def network(workload):
    """The network: what Keras saved, or for a workload of others their file."""
    return FOLDER / f"{workload}.{'onnx' if workload in PREDICT_ONLY else 'keras'}"


def arrays(workload, count):
    """Where the first samples and their labels are."""
    return [FOLDER / f"{workload}-{count}-{part}.npy" for part in "xy"]


def is_old(path, *sources):
    """Whether a file has to be made, or made again."""
    return not path.exists() or any(
        path.stat().st_mtime < source.stat().st_mtime for source in sources)


def make_networks(workloads, python=sys.executable):
    """Saves the networks of workloads, with Keras in the given interpreter."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = [name for name in workloads if name not in PREDICT_ONLY
               and is_old(network(name), SOURCES / "networks.py")]
    if missing:
        environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu",
                       "TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run([str(python), str(SOURCES / "networks.py"), str(FOLDER), *missing],
                       env=environment, check=True, stderr=subprocess.DEVNULL)
    if "light_resnet50" in workloads and is_old(network("light_resnet50"), Path(__file__)):
        make_light_resnet50(network("light_resnet50"))


def make_light_resnet50(path):
    """The ResNet-50 with constant weights among the tests of ONNX, for batches of any size."""
    import onnx
    import onnx.backend.test

    folder = Path(onnx.backend.test.__file__).parent / "data" / "light"
    model = onnx.load(folder / "light_resnet50.onnx")
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    for tensor in model.graph.initializer:
        if tensor.name == "OC2_DUMMY_1":  # the new shape before the last product
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 2048]), tensor.name))
    onnx.save(model, path)


def make_arrays(workload, quick):
    """Writes the data of an epoch, and of one batch."""
    batch, full, short = SIZES[workload]
    counts = {batch, short if quick else full}
    paths = [path for count in counts for path in arrays(workload, count)]
    if any(is_old(path, SOURCES / "data.py") for path in paths):
        x, y, _ = data.load(workload, quick)
        for count in counts:
            for path, values in zip(arrays(workload, count), (x, y)):
                np.save(path, values[:count])


def make_onnx(workload):
    """Exports a network with strata, for onnxruntime."""
    path = FOLDER / f"{workload}.onnx"
    if workload not in PREDICT_ONLY and is_old(path, network(workload), BINARY):
        subprocess.run([str(BINARY), "convert", str(network(workload)), str(path)],
                       check=True, capture_output=True)
    return path
