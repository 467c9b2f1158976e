import TensorGraph

/// A picture of a network.
public struct NetworkPicture: Sendable, Hashable {
  /// The picture as a file of the SVG format.
  public var svg: String
  /// Its width in pixels.
  public var width: Double
  /// Its height in pixels.
  public var height: Double
}

extension Model {
  /// A picture of the model as text of the SVG format.
  ///
  ///     try model.plot().write(toFile: "network.svg", atomically: true, encoding: .utf8)
  ///
  /// A row of dense layers is drawn unit by unit: the color of a line is the sign of its weight,
  /// its width the size of the weight against the largest of the layer. Other networks are drawn
  /// layer by layer.
  ///
  /// - Parameters:
  ///   - sample: A sample, with or without the axis of the batch, whose activations fill the
  ///     units.
  ///   - inputNames: What the units of the input are called.
  ///   - outputNames: What the units of the output are called.
  ///   - title: What stands above the picture; the name of the model without one.
  /// - Returns: the text of the file.
  /// - Throws: when the sample does not fit, or there are not as many names as units.
  public func plot(
    sample: Tensor? = nil, inputNames: [String] = [], outputNames: [String] = [],
    title: String? = nil
  ) throws -> String {
    try picture(
      sample: sample.map { [$0] } ?? [], inputNames: inputNames, outputNames: outputNames,
      title: title
    ).svg
  }

  /// A picture of the model, of which `sample` may have several inputs.
  ///
  /// - Throws: when the sample does not fit, or there are not as many names as units.
  public func picture(
    sample: [Tensor] = [], inputNames: [String] = [], outputNames: [String] = [],
    title: String? = nil
  ) throws -> NetworkPicture {
    let x = batch(of: sample)
    if !x.isEmpty {
      try check(x.map(\.type))
      guard x[0].shape[0] > 0 else {
        throw GraphError("there is no sample to draw", operands: x.map(\.type))
      }
    }
    let title = title ?? name
    let traced = x.isEmpty ? anySampleTrace() : try traced(x.map(\.type), mode: .predict)
    guard let traced, var diagram = try DenseDiagram(self, traced, sample: x) else {
      return LayerDiagram(self, traced).picture(title)
    }
    try diagram.name(inputs: inputNames, outputs: outputNames)
    return DenseDrawing(diagram).picture(title)
  }

  /// The network traced for one sample; open sizes are small ones that it takes.
  func anySampleTrace() -> TracedNetwork? {
    for open in [16, 60, 256] {
      let types = inputs.map { $0.type(batch: 1, open: open) }
      if let traced = try? traced(types, mode: .predict), traced.trace.errors.isEmpty {
        return traced
      }
    }
    return nil
  }
}
