import Foundation
import ModelFormats
import Strata

/// A layer that gives its first input the mask that is its second.
private final class MaskedBy: MultiInputLayer {
  var masking: MaskHandling { .explicit }

  func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    [inputs[0].masked(by: inputs[1])]
  }
}

/// The layers of the golden cases, as models.
enum ExportGolden {
  /// The cases of a family for which there is a model: those of predictions, without arguments.
  static func cases(_ family: String) throws -> [ExportCase] {
    let path = KerasInPython.root.appending(path: "Tests/Golden/layers/\(family)").path
    let index = try JSONValue(parsing: Files.contents(of: path + ".json"))["cases"]?.array ?? []
    let arrays = Dictionary(
      try NumPy.archive(path: path + ".npz").map { ($0.0, $0.1) },
      uniquingKeysWith: { first, _ in first })
    return try index.compactMap { entry in
      let name = entry["name"]?.string ?? ""
      guard entry["training"] == .bool(false), entry["arguments"]?.object?.isEmpty == true,
        entry["array_arguments"]?.object?.isEmpty == true, let config = entry["config"]
      else { return nil }
      func array(_ value: JSONValue) -> Tensor? {
        if let file = value.string { return arrays["\(name)/\(file)"] }
        guard let strings = value["strings"]?.array?.compactMap(\.string),
          let shape = value["shape"]?.array?.compactMap(\.int)
        else { return nil }
        return Tensor(Shape(shape), strings)
      }
      var inputs = (entry["inputs"]?.array ?? []).compactMap(array)
      var layer = try LayerRegistry.standard.layer(
        className: config["class_name"]?.string ?? "", config: config["config"] ?? .null)
      if let data = entry["adapt"].flatMap(array), let adaptable = layer as? any AdaptableLayer {
        layer = try adaptable.adapted(to: data)
      }
      guard inputs.count == entry["inputs"]?.array?.count,
        inputs.allSatisfy({ $0.shape.rank > 0 && $0.shape[0] == inputs[0].shape[0] })
      else { return nil }
      var symbols = inputs.enumerated().map { place, input in
        Input(input.shape.dims.dropFirst().map { $0 }, dtype: input.dtype, name: "x\(place)")
      }
      let first = symbols
      var fed = first
      for (place, file) in (entry["masks"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard let place = Int(place), let mask = file.string.flatMap({ arrays["\(name)/\($0)"] })
        else { return nil }
        let entrance = Input(
          mask.shape.dims.dropFirst().map { $0 }, dtype: .bool, name: "mask\(place)")
        fed.append(entrance)
        inputs.append(mask.cast(to: .bool))
        symbols[place] = MaskedBy().apply(to: [first[place], entrance])[0]
      }
      let count = entry["outputs"]?.array?.count ?? 1
      // What Keras's layers do on their own, and a model does not let them.
      guard
        let model = try? Model(
          inputs: fed, outputs: layer.apply(to: symbols, outputs: count), name: "golden", seed: 1)
      else { return nil }
      let isHalf = model.structure.outputDTypes.contains { $0.isHalf }
      return ExportCase(
        "\(family) \(name)", model, inputs: inputs, tolerance: isHalf ? 4e-3 : 1e-5)
    }
  }
}
