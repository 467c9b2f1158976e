"""Measures the predictions of an ONNX file in onnxruntime and prints one line of JSON."""

import json
import sys

import onnxruntime

import data
import files

workload, quick = sys.argv[1], sys.argv[2] == "quick"

options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = 2, 1
options.log_severity_level = 3
session = onnxruntime.InferenceSession(
    files.FOLDER / f"{workload}.onnx", options, providers=["CPUExecutionProvider"])
[value] = session.get_inputs()
types = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(int64)": "int64"}
x = data.load(workload, True)[0][:64].astype(types[value.type])


def predict(count):
    batch, name = x[:count], value.name
    session.run(None, {name: batch})
    return data.fastest(lambda: session.run(None, {name: batch}), 10 if quick else 50)


print(json.dumps({"predict_1_us": predict(1), "predict_64_us": predict(64)}))
