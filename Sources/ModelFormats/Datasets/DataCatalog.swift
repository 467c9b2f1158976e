import NeuralNetworks
import TensorGraph

/// The samples to learn from, or those to see how well it went.
public enum DataPart: Sendable, Hashable {
  /// The samples to learn from.
  case training
  /// The samples kept apart.
  case test
}

/// A data set that is known by its name.
public struct NamedDataset: Sendable {
  /// The name, as `--data` takes it.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// Where it is found.
  public let location: String
  /// What its owners allow.
  public let license: String
  /// The size of the training and test data in memory, in bytes.
  public let byteCount: Int
  /// The type of the inputs with the number of training samples first.
  public let inputs: TensorType
  /// The number of test samples.
  public let testCount: Int
  /// What the class labels stand for; empty for a regression.
  public let classNames: [String]
  /// The command that puts the data to `location`; nothing if they need no file.
  public let fetchCommand: String?

  private let loader: @Sendable (DataPart) throws(FormatError) -> TrainingData

  /// Whether the data are there.
  public var isPresent: Bool { fetchCommand == nil || Files.exists(location) }

  /// Describes a data set that `loader` reads or makes.
  public init(
    name: String, summary: String, location: String, license: String, byteCount: Int,
    inputs: TensorType, testCount: Int, classNames: [String], fetchCommand: String? = nil,
    loader: @escaping @Sendable (DataPart) throws(FormatError) -> TrainingData
  ) {
    self.name = name
    self.summary = summary
    self.location = location
    self.license = license
    self.byteCount = byteCount
    self.inputs = inputs
    self.testCount = testCount
    self.classNames = classNames
    self.fetchCommand = fetchCommand
    self.loader = loader
  }

  /// Reads or makes the samples of `part`.
  public func load(_ part: DataPart) throws(FormatError) -> TrainingData { try loader(part) }
}

/// The data sets that have names.
public enum DataCatalog {
  /// All of them.
  public static let all = installed + fetched

  private static let installed: [NamedDataset] = [
    NamedDataset(
      name: "fashion-mnist", summary: "gray pictures of clothes", location: FashionMNIST.folder,
      license: "MIT", byteCount: 70_000 * (784 + 4), inputs: TensorType(.uint8, [60_000, 28, 28]),
      testCount: 10_000, classNames: FashionMNIST.classNames, fetchCommand: "make setup"
    ) { part throws(FormatError) in try FashionMNIST.load(part) },
    NamedDataset(
      name: "iris", summary: "flowers of three species, measured", location: "built in",
      license: "CC BY 4.0", byteCount: 150 * 20, inputs: TensorType(.float32, [120, 4]),
      testCount: 30, classNames: ["setosa", "versicolor", "virginica"]
    ) { part throws(FormatError) in
      let parts = try Iris.load().split(validationFraction: 0.2)
      return part == .training ? parts.training : parts.validation
    },
    synthetic("spirals", "two arms of a spiral", classes: 2) { n, seed throws(FormatError) in
      try SyntheticData.spirals(samples: n, seed: seed)
    },
    synthetic("moons", "two half circles", classes: 2) { n, seed throws(FormatError) in
      try SyntheticData.moons(samples: n, seed: seed)
    },
    synthetic("circles", "a circle in a circle", classes: 2) { n, seed throws(FormatError) in
      try SyntheticData.circles(samples: n, seed: seed)
    },
    synthetic("xor", "a square whose opposite corners belong together", classes: 2) {
      n, seed throws(FormatError) in
      try SyntheticData.xor(samples: n, seed: seed)
    },
    synthetic("blobs", "three clouds of points", classes: 3) { n, seed throws(FormatError) in
      try SyntheticData.blobs(samples: n, seed: seed)
    },
    synthetic("sine", "a noisy sine, a regression", features: 1, classes: 0) {
      n, seed throws(FormatError) in
      try SyntheticData.sine(samples: n, seed: seed)
    },
  ]

  /// The data set called `name`.
  ///
  /// Throws when there is none, with the name that was likely meant.
  public static func dataset(named name: String) throws(FormatError) -> NamedDataset {
    if let found = all.first(where: { $0.name == name }) { return found }
    throw FormatError(
      "there is no data set \(name)", got: all.map(\.name).joined(separator: ", "),
      hint: spellingHint(name, in: all.map(\.name)))
  }

  /// A data set of 1000 samples to learn from and, of another seed, 200 for the test.
  private static func synthetic(
    _ name: String, _ summary: String, features: Int = 2, classes: Int,
    _ make: @escaping @Sendable (Int, UInt64) throws(FormatError) -> TrainingData
  ) -> NamedDataset {
    NamedDataset(
      name: name, summary: summary, location: "made by a formula", license: "free",
      byteCount: 1200 * 4 * (features + 1), inputs: TensorType(.float32, [1000, features]),
      testCount: 200, classNames: (0..<classes).map(String.init)
    ) { part throws(FormatError) in
      try part == .training ? make(1000, 0) : make(200, 1)
    }
  }
}
