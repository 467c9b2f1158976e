import NeuralNetworks
import TensorGraph

extension LegacyWeights {
  /// How the layers of a file and those of a model are brought together.
  enum Matching {
    /// One after another: the first layer that has weights with the first.
    case byPosition
    /// By what they are called; others are left alone.
    case byName
    /// By what they are called where the file and the model have the same names, as a file has
    /// that holds its network too, and else by position.
    case byNetwork
  }

  /// What of a file does not fit a model.
  private struct Misfits {
    var missing: [String] = []
    var superfluous: [String] = []
    var counts: [String] = []
    var shapes: [String] = []

    var text: String {
      [
        ("missing: ", missing), ("of other numbers of weights: ", counts),
        ("of other shapes: ", shapes), ("not in the model: ", superfluous),
      ].filter { !$0.1.isEmpty }.map { $0 + $1.joined(separator: ", ") }.joined(separator: "; ")
    }
  }

  /// Gives `model` the weights of the file; what does not fit is left as it was if `skipMismatch`.
  ///
  /// Throws one error for all that does not fit; then nothing changes.
  func restore(
    to model: Model, _ matching: Matching, skipMismatch: Bool
  ) throws(FormatError) {
    let layout = try LegacyLayout(model)
    var misfits = Misfits()
    var variables = model.variables
    for (layer, stored) in try pairs(layout, matching) {
      var absent: [String] = []
      let arrays = try tensors(stored.arrays, missing: &absent)
      guard absent.isEmpty else {
        misfits.missing += absent.map { "\($0) (\(layer.name))" }
        continue
      }
      let conversion = KernelConversion(model, backend: backend)
      let values = conversion.converted(arrays, for: layer)
      guard values.count == layer.weights.count else {
        misfits.counts.append(
          "\(layer.name) has \(layer.weights.count), and \(stored.name) in the file "
            + "\(values.count)")
        continue
      }
      let order = conversion.order(of: values, in: layer)
      for (weight, value) in zip(order, values) {
        let declaration = model.declarations[weight]
        guard value.shape == declaration.type.shape else {
          misfits.shapes.append(
            "\(declaration.path) is \(value.shape) instead of \(declaration.type.shape)")
          continue
        }
        variables[weight] = value.cast(to: declaration.type.dtype)
      }
    }
    guard misfits.text.isEmpty || skipMismatch && misfits.missing.isEmpty else {
      throw FormatError(
        "the weights in the file do not fit the model", got: misfits.text,
        at: .part("/\(root)"),
        hint: matching == .byNetwork
          ? nil : "leave out what does not fit: byName: true, skipMismatch: true")
    }
    model.variables = variables
  }

  /// The layers of `layout`, each with that of the file whose weights it gets.
  private func pairs(
    _ layout: LegacyLayout, _ matching: Matching
  ) throws(FormatError) -> [(LegacyLayout.Layer, Layer)] {
    let wanted = layout.layers.filter { !$0.weights.isEmpty }
    let stored = Dictionary(layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var pairs: [(LegacyLayout.Layer, Layer)] = []
    let hasSameNames = Set(wanted.map(\.name)) == Set(stored.keys)
    if matching == .byName || matching == .byNetwork && hasSameNames {
      pairs = wanted.compactMap { layer in stored[layer.name].map { (layer, $0) } }
      guard !pairs.isEmpty || wanted.isEmpty else {
        throw FormatError(
          "no layer of the file is called as one of the model",
          got: "\(Self.list(layers.map(\.name))) for \(Self.list(wanted.map(\.name)))",
          at: .part("/\(root)"), hint: "name the layers as in the file, or load by position")
      }
    } else {
      guard wanted.count == layers.count else {
        throw FormatError(
          "the file has weights for \(layers.count) layers, the model for \(wanted.count)",
          got: "\(Self.list(layers.map(\.name))) for \(Self.list(wanted.map(\.name)))",
          at: .part("/\(root)"), hint: "load the layers whose names agree: byName: true")
      }
      pairs = Array(zip(wanted, layers))
    }
    if !layout.own.isEmpty, !own.isEmpty {
      pairs.append(
        (
          LegacyLayout.Layer(name: "the model", weights: layout.own, byLayer: layout.own),
          Layer(name: Self.ownGroup, arrays: own)
        ))
    }
    return pairs
  }

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown), … (\(names.count))" : shown
  }
}
