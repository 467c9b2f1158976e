"""Reads event files with TensorBoard's own reader.

usage: check_event_files.py FOLDER

Each folder in FOLDER is a run. FOLDER/results.json becomes {run: {"values": {tag: {"plugin": name,
"steps": [number, …], "values": [value, …]}}, "graph": [[name, operation, [input, …]], …]}}. Values of
scalars are numbers (null if not finite), of histograms rows, of text strings, and of images
[width, height, mode, pixels].
"""

import io
import json
import pathlib
import sys
import types

# TensorBoard takes its own file reader instead of TensorFlow's where it finds a module of this name.
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util


def value(plugin, event):
    array = tensor_util.make_ndarray(event.tensor_proto)
    if plugin == "text":
        return array.item().decode()
    if plugin == "images":
        width, height, *pictures = array.tolist()
        return [[int(width), int(height), image.mode, np.asarray(image).flatten().tolist()]
                for image in (Image.open(io.BytesIO(picture)) for picture in pictures)]
    return array.tolist() if np.isfinite(array).all() else None


def run(folder):
    sizes = {kind: 0 for kind in ("tensors", "scalars", "images", "histograms", "audio",
                                  "compressedHistograms")}
    events = EventAccumulator(str(folder), size_guidance=sizes)
    events.Reload()
    tags = events.Tags()
    values = {}
    for tag in tags["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
        values[tag] = {"plugin": plugin, "steps": [event.step for event in events.Tensors(tag)],
                       "values": [value(plugin, event) for event in events.Tensors(tag)]}
    graph = []
    if tags["graph"]:
        graph = [[node.name, node.op, list(node.input)] for node in events.Graph().node]
    return {"values": values, "graph": graph}


def main():
    folder = pathlib.Path(sys.argv[1])
    results = {path.name: run(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    (folder / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main()
