import NeuralNetworks
import TensorGraph

/// Batch normalization with its moving averages, as the operator of that name.
extension GraphExporter {
  /// The operator for the three steps of the layer, of which `node` is the first:
  ///
  ///     y = (x − mean) · factor + beta
  func normalized(_ node: AlignedNode) throws -> ExportValue? {
    guard node.operation as? Binary == .subtract,
      let (path, layer) = model.layer(at: node.path),
      let normalization = layer as? BatchNormalization,
      graph.type(node.inputs[0]) == node.type(), tensor(node.inputs[1]) != nil,
      let mean = model.weight(path + "/moving_mean"),
      let variance = model.weight(path + "/moving_variance"),
      let product = onlyUser(of: ValueID(node.index)), isStep(product, .multiply, after: node)
    else { return nil }
    var last = product
    if normalization.center {
      guard let sum = onlyUser(of: ValueID(product.index)), isStep(sum, .add, after: product) else {
        return nil
      }
      last = sum
    }
    let rank = node.type().sizes.count, dtype = node.type().dtype
    let axis = normalization.axis < 0 ? normalization.axis + rank : normalization.axis
    func weight(_ name: String, _ value: Tensor?, _ usual: Double) -> ExportValue {
      let tensor = value?.cast(to: dtype) ?? Tensor(TensorType(dtype, mean.shape), repeating: usual)
      return scope.constant(tensor, label: path + "/" + name)
    }
    let order = [0, axis] + (1..<rank).filter { $0 != axis }
    let back = (0..<rank).map { place in order.firstIndex(of: place) ?? place }
    let x = try scope.transpose(full(node), order)
    let y = scope.one(
      "BatchNormalization",
      [
        x,
        weight("gamma", normalization.scale ? model.weight(path + "/gamma") : nil, 1),
        weight("beta", normalization.center ? model.weight(path + "/beta") : nil, 0),
        weight("moving_mean", mean, 0), weight("moving_variance", variance, 1),
      ], ["epsilon": .float(normalization.epsilon)], x.type)
    let result = try scope.transpose(y, back)
    define(product, result)
    define(last, result)
    return result
  }

  /// Whether a node is this operation on the value of `node` and something known.
  private func isStep(_ step: AlignedNode, _ operation: Binary, after node: AlignedNode) -> Bool {
    let other = step.inputs[0] == ValueID(node.index) ? step.inputs[1] : step.inputs[0]
    return step.operation as? Binary == operation && step.type() == node.type()
      && step.path == node.path && values[other] != nil && isKnown(other)
  }

  private func isKnown(_ id: ValueID) -> Bool {
    values[id].flatMap { scope.file.tensor($0.name) } != nil
  }
}
