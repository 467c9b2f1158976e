import FoundationEssentials
import NeuralNetworks

extension TensorBoardGraphDef {
  /// A node for each layer of `model`, named by its path, with its class and its inputs.
  ///
  /// TensorBoard draws what is before a `/` in names as a box around the nodes.
  init(_ model: Model) {
    self.init()
    versions.producer = 22
    node = model.layerGraph.map { layer in
      var node = TensorBoardNodeDef()
      node.name = layer.name
      node.op = layer.className
      node.input = layer.inputs
      var shapes = TensorBoardAttrValue()
      shapes.list.shape = layer.outputShapes.map {
        TensorBoardTensorShapeProto(sizes: $0.map { $0 ?? -1 })
      }
      node.attr["_output_shapes"] = shapes
      if layer.parameterCount > 0 {
        var count = TensorBoardAttrValue()
        count.i = Int64(layer.parameterCount)
        node.attr["parameters"] = count
      }
      return node
    }
  }
}
