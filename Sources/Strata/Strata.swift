// One import brings all a user needs: models and training, tensors and graphs, files and data sets.
@_exported import CPUEngine
@_exported import ModelFormats
@_exported import NeuralNetworks
@_exported import TensorGraph
