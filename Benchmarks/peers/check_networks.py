"""Checks that the networks in Keras and in PyTorch agree in parameters and shapes."""

import torch

import networks
import torch_networks
from workloads import PREDICT_ONLY, SIZES

wrong = 0
for workload in SIZES:
    if workload in PREDICT_ONLY:
        continue
    model, other = networks.build(workload), torch_networks.build(workload)
    counts = (sum(value.size for value in map(networks.keras.ops.convert_to_numpy,
                                              model.trainable_variables)),
              torch_networks.parameter_count(other))
    shape = list(model.input_shape[1:])
    x = torch.zeros([2, *shape], dtype=torch.long if workload == "transformer" else torch.float32)
    if len(shape) == 3 or workload == "tcn":
        x = x.movedim(-1, 1)
    with torch.no_grad():
        y = other(x)
    shapes = list(model.output_shape[1:]), list((y.movedim(1, -1) if y.dim() > 2 else y).shape[1:])
    same = counts[0] == counts[1] and shapes[0] == shapes[1]
    wrong += not same
    print(f"{workload}: {counts[0]} and {counts[1]} parameters, outputs {shapes[0]} and {shapes[1]}"
          + ("" if same else "  DIFFERENT"))
raise SystemExit(wrong)
