import NeuralNetworks
import TensorGraph

/// The weights of a Keras file, found by the layout of a model.
struct StoredWeights {
  private let file: HDF5File
  private let datasets: Set<String>

  /// The weights in `file`.
  init(_ file: HDF5File) throws(FormatError) {
    self.file = file
    datasets = Set(try file.datasets().map { String($0.drop { $0 == "/" }) })
  }

  /// The most bytes that the weights may take: a configuration may claim any size.
  var byteLimit: Int { max(file.byteCount * 100, 1 << 26) }

  /// What the model's random numbers follow from, in files of Strata.
  var seed: UInt64? {
    get throws(FormatError) { try randomKey.map { UInt64(bitPattern: $0[0]) } }
  }

  private var randomKey: [Int64]? {
    get throws(FormatError) {
      guard datasets.contains(KerasFile.randomKey) else { return nil }
      let key = try file.tensor(KerasFile.randomKey)
      guard key.type == TensorType(.int64, [2]) else {
        throw FormatError(
          "the state of the random numbers is int64[2]", got: "\(key.type)",
          at: .part(KerasFile.randomKey))
      }
      return key.scalars(as: Int64.self)
    }
  }

  /// The groups in `container` that are named as `layers`, where all of them have a name.
  ///
  /// Keras counts layers in an order that operations on tensors have a part in, which are no
  /// layers here: the names of groups say more than their numbers.
  func groups(
    in container: String, of layers: [(stem: String, name: String)]
  ) throws(FormatError) -> [String]? {
    guard !layers.isEmpty, try file.kind(of: container) == .group else { return nil }
    struct Label: Hashable {
      let stem: Substring, name: String
    }
    var found: [Label: String] = [:]
    for group in try file.children(of: container) {
      let path = "\(container)/\(group)/vars"
      guard try file.kind(of: path) == .group, let name = try file.string("name", of: path) else {
        continue
      }
      found[Label(stem: Self.stem(group), name: name)] = group
    }
    let groups = layers.compactMap { found[Label(stem: Self.stem($0.stem), name: $0.name)] }
    return groups.count == layers.count && Set(groups).count == groups.count ? groups : nil
  }

  /// The name of a group without the number of the layer.
  private static func stem(_ group: String) -> Substring {
    guard let line = group.lastIndex(of: "_"), line != group.startIndex else { return group[...] }
    let number = group[group.index(after: line)...]
    return !number.isEmpty && number.allSatisfy(\.isNumber) ? group[..<line] : group[...]
  }

  /// The array at `path`, if there is one.
  func tensor(_ path: String) throws(FormatError) -> Tensor? {
    datasets.contains(path) ? try file.tensor(path) : nil
  }

  /// Gives `model` its weights and the state of its random numbers.
  ///
  /// Throws one error for all weights that are missing, too many, or of other shapes.
  func restore(_ layout: WeightLayout, to model: Model) throws(FormatError) {
    var missing: [String] = [], misfits: [String] = []
    var expected: Set<String> = []
    var variables = model.variables
    for (weight, path) in layout.groups.flatMap(\.arrays) {
      let declaration = model.declarations[weight]
      expected.insert(path)
      guard datasets.contains(path) else {
        missing.append("\(declaration.path) (\(path))")
        continue
      }
      let value = try file.tensor(path)
      guard value.shape == declaration.type.shape else {
        misfits.append(
          "\(declaration.path) is \(value.shape) instead of \(declaration.type.shape) (\(path))")
        continue
      }
      variables[weight] = value.cast(to: declaration.type.dtype)
    }
    let superfluous = datasets.filter {
      $0.hasPrefix("layers/") && !expected.contains($0) && !$0.contains("/seed_generator/")
        && !$0.hasSuffix("/vars/idf_weights")
    }
    let faults = [
      ("missing: ", missing), ("of other shapes: ", misfits),
      ("not in the network: ", superfluous.sorted()),
    ].filter { !$0.1.isEmpty }
    guard faults.isEmpty else {
      throw FormatError(
        "the weights in the file do not fit its network",
        got: faults.map { $0 + $1.joined(separator: ", ") }.joined(separator: "; "),
        at: .part(KerasFile.weights))
    }
    if let randomKey = try randomKey {
      variables[model.declarations.count] = Tensor([2], randomKey)
    }
    model.variables = variables
  }

  /// The optimizer's variables in order; nothing when there are none.
  func optimizerVariables() throws(FormatError) -> [Tensor] {
    var values: [Tensor] = []
    while datasets.contains("\(KerasFile.optimizer)/\(values.count)") {
      values.append(try file.tensor("\(KerasFile.optimizer)/\(values.count)"))
    }
    return values
  }
}
