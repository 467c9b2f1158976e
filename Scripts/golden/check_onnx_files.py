"""Checks ONNX files with onnx.checker, runs them in onnxruntime, and compares what they give.

usage: check_onnx_files.py FOLDER

FOLDER/cases.json is a list of {"model": FILE, "tolerance": NUMBER, "runs": [{"inputs": {NAME: FILE},
"outputs": [FILE, …]}, …]}, where the outputs are those expected. Arrays are .npy files, strings .json files of
{"strings": [text, …], "shape": [size, …]}. FOLDER/results.json is a list of {"error": text or null,
"operators": {type: count}}, one for each case. A number may differ by the tolerance
relative to the largest number of its output, and to 0.05 at least.
"""

import collections
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def operators(graph, counts):
    for node in graph.node:
        counts[node.op_type] += 1
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                operators(attribute.g, counts)
    return counts


def load(path):
    if path.suffix == ".npy":
        return np.load(path)
    value = json.loads(path.read_text())
    return np.array(value["strings"], dtype=object).reshape(value["shape"])


def difference(got, expected, tolerance):
    if got.shape != expected.shape:
        return f"has the shape {got.shape}, expected {expected.shape}"
    if str(got.dtype) != str(expected.dtype):
        return f"has elements of {got.dtype}, expected {expected.dtype}"
    if expected.dtype.kind in "OSU":
        return None if (got == expected).all() else "has other strings"
    a, b = got.astype("float64"), expected.astype("float64")
    finite = np.abs(b[np.isfinite(b)])
    scale = max(finite.max(initial=0), 0.05)
    with np.errstate(invalid="ignore"):
        same = (np.abs(a - b) <= tolerance * scale) | (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return None
    place = np.unravel_index(np.argmin(same), same.shape)
    return f"{np.count_nonzero(~same)} of {same.size} numbers differ: {a[place]} at {list(map(int, place))}, expected {b[place]}"


def check(folder, case):
    path = str(folder / case["model"])
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    for run in case["runs"]:
        inputs = {name: load(folder / file) for name, file in run["inputs"].items()}
        outputs = session.run(None, inputs)
        if len(outputs) != len(run["outputs"]):
            return f"{len(outputs)} outputs, expected {len(run['outputs'])}"
        for output, file, got in zip(session.get_outputs(), run["outputs"], outputs):
            text = difference(got, load(folder / file), case["tolerance"])
            if text:
                sizes = {name: list(value.shape) for name, value in inputs.items()}
                return f"{output.name} {text}, for {sizes}"
    return None


def main():
    folder = pathlib.Path(sys.argv[1])
    results = []
    for case in json.loads((folder / "cases.json").read_text()):
        counts = {}
        try:
            model = onnx.load(folder / case["model"])
            counts = operators(model.graph, collections.Counter())
            error = check(folder, case)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
        results.append({"error": error, "operators": counts})
    (folder / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main()
