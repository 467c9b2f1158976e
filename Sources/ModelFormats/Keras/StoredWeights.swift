import NeuralNetworks
import TensorGraph

/// The weights of a Keras file, found by the layout of a model.
struct StoredWeights {
  private let file: HDF5File
  private let datasets: Set<String>
  /// The groups that hold arrays, directly or in groups within them.
  private let groups: Set<Substring>
  /// What the group of a network's layers is called.
  private let container: String

  /// The weights in `file`.
  init(_ file: HDF5File) throws(FormatError) {
    self.file = file
    // Before Keras 3.1.
    let older = "_layer_checkpoint_dependencies"
    let kinds = (older: try file.kind(of: older), current: try file.kind(of: Self.layers))
    let isOlder = kinds.older == .group && kinds.current != .group
    container = isOlder ? older : Self.layers
    let paths = try file.datasets().map { String($0.drop { $0 == "/" }) }
    datasets = Set(isOlder ? paths.map { Self.renamed($0, older, Self.layers) } : paths)
    var groups: Set<Substring> = []
    for dataset in datasets {
      var path = dataset[...]
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        guard groups.insert(path).inserted else { break }
      }
    }
    self.groups = groups
  }

  private static let layers = "layers"

  /// `path` with the name `new` for `old`.
  private static func renamed(_ path: String, _ old: String, _ new: String) -> String {
    path.split(separator: "/").map { $0 == old ? new : String($0) }.joined(separator: "/")
  }

  /// The path in the file of what today's files have at `path`.
  private func stored(_ path: String) -> String {
    container == Self.layers ? path : Self.renamed(path, Self.layers, container)
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

  /// The groups in `container` that `layers` are, where they are not those that are expected.
  ///
  /// Keras counts layers in an order that operations on tensors have a part in, which are no
  /// layers here: the names of groups say more than their numbers. Files before Keras 3.6 do not
  /// have them, and may count the layers of a class with gaps.
  func groups(
    in container: String, of layers: [(stem: String, name: String)]
  ) throws(FormatError) -> [String]? {
    let (place, container) = (container, stored(container))
    guard !layers.isEmpty, try file.kind(of: container) == .group else { return nil }
    struct Label: Hashable {
      let stem: Substring, name: String
    }
    var found: [Label: String] = [:], numbered: [Substring: [(number: Int, group: String)]] = [:]
    for group in try file.children(of: container) {
      let path = "\(container)/\(group)/vars"
      let (stem, number) = Self.stemAndNumber(group)
      if groups.contains("\(place)/\(group)") {
        numbered[stem, default: []].append((number, group))
      }
      guard try file.kind(of: path) == .group, let name = try file.string("name", of: path) else {
        continue
      }
      found[Label(stem: stem, name: name)] = group
    }
    let groups = layers.compactMap { layer in
      found[Label(stem: Self.stemAndNumber(layer.stem).stem, name: layer.name)]
    }
    if groups.count == layers.count, Set(groups).count == groups.count { return groups }
    guard found.isEmpty else { return nil }
    for stem in numbered.keys { numbered[stem]?.sort { $0.number > $1.number } }
    let counted = layers.compactMap {
      numbered[Self.stemAndNumber($0.stem).stem]?.popLast()?.group
    }
    return counted.count == layers.count ? counted : nil
  }

  /// The groups in `container` that are named as layers, whatever their class; `absent` for names
  /// that none has.
  func groups(in container: String, named names: [String]) throws(FormatError) -> [String] {
    let container = stored(container)
    guard try file.kind(of: container) == .group else { return names.map { _ in Self.absent } }
    var found: [String: String] = [:]
    for group in try file.children(of: container) {
      let path = "\(container)/\(group)/vars"
      guard try file.kind(of: path) == .group, let name = try file.string("name", of: path) else {
        continue
      }
      found[name] = group
    }
    return names.map { found[$0] ?? Self.absent }
  }

  /// A group that is not in the file.
  static let absent = "?"

  /// The name of a group without the number of the layer, and that number.
  private static func stemAndNumber(_ group: String) -> (stem: Substring, number: Int) {
    guard let line = group.lastIndex(of: "_"), line != group.startIndex,
      let number = Int(group[group.index(after: line)...]), number >= 0
    else { return (group[...], 0) }
    return (group[..<line], number)
  }

  /// The array at `path`, if there is one.
  func tensor(_ path: String) throws(FormatError) -> Tensor? {
    datasets.contains(path) ? try file.tensor(stored(path)) : nil
  }

  /// Gives `model` its weights and the state of its random numbers.
  ///
  /// Of a layer that the file does not have, nothing changes if `byName`, and nor do weights that
  /// do not fit if `skipMismatch`.
  ///
  /// Throws one error for all weights that are missing, too many, or of other shapes.
  func restore(
    _ layout: WeightLayout, to model: Model, byName: Bool = false, skipMismatch: Bool = false
  ) throws(FormatError) {
    let arrays = layout.groups.flatMap(\.arrays).filter {
      !byName || !$0.path.contains("/\(Self.absent)/")
    }
    guard !arrays.isEmpty || !byName || model.declarations.isEmpty else {
      throw FormatError(
        "no layer of the file is called as one of the model",
        hint: "name the layers as in the file, or load by position")
    }
    var missing: [String] = [], misfits: [String] = []
    let expected = Set(arrays.map(\.path))
    var variables = model.variables
    let values = try concurrentMap(arrays.count) { index throws(FormatError) in
      try tensor(arrays[index].path)
    }
    for ((weight, path), value) in zip(arrays, values) {
      let declaration = model.declarations[weight]
      guard let value else {
        missing.append("\(declaration.path) (\(path))")
        continue
      }
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
      ("not in the network: ", byName ? [] : superfluous.sorted()),
    ].filter { !$0.1.isEmpty }
    guard faults.isEmpty || skipMismatch else {
      throw FormatError(
        "the weights in the file do not fit its network",
        got: faults.map { $0 + $1.joined(separator: ", ") }.joined(separator: "; "),
        at: .part(KerasFile.weights))
    }
    if !byName, let randomKey = try randomKey {
      variables[model.declarations.count] = Tensor([2], randomKey)
    }
    model.variables = variables
  }

  /// The test vector, in files of Strata.
  var testVector: TestVector? {
    get throws(FormatError) { try TestVector(file, datasets) }
  }

  /// The optimizer's variables in order; nothing when there are none.
  func optimizerVariables() throws(FormatError) -> [Tensor] {
    var values: [Tensor] = []
    var byteCount = 0
    while datasets.contains("\(KerasFile.optimizer)/\(values.count)") {
      let value = try file.tensor("\(KerasFile.optimizer)/\(values.count)")
      // Arrays that share bytes are how small files pretend to be huge.
      byteCount += value.byteCount
      guard byteCount <= byteLimit else {
        throw FormatError(
          "the variables of the optimizer are larger than the file", got: "\(byteCount) bytes",
          at: .part(KerasFile.optimizer))
      }
      values.append(value)
    }
    return values
  }
}
