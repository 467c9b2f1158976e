import NeuralNetworks
import TensorGraph

/// Zalando's pictures of clothes: 70 000 gray ones of 28 by 28 pixels in ten classes.
///
/// Reference: Xiao, Rasul, Vollgraf, Fashion-MNIST, 2017.
public enum FashionMNIST {
  /// What the labels stand for.
  public static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// Where Debian's package puts the files.
  public static let folder = "/usr/share/datasets/fashion-mnist"

  /// The pictures `uint8[60000, 28, 28]`, or 10000 for the test, and labels `int32[60000]`.
  ///
  /// Throws when the files are not in `folder`, or not what they should be.
  public static func load(
    _ part: DataPart, from folder: String = folder
  ) throws(FormatError) -> TrainingData {
    let prefix = folder + (part == .training ? "/train-" : "/t10k-")
    let labels = try array(prefix + "labels-idx1-ubyte.gz")
    let images = try array(prefix + "images-idx3-ubyte.gz")
    guard images.dtype == .uint8, images.shape.rank == 3, labels.dtype == .uint8,
      labels.shape.rank == 1
    else {
      throw FormatError(
        "these are not the files of Fashion-MNIST", got: "\(images.type), \(labels.type)",
        file: folder)
    }
    let numbers = labels.withUnsafeBytes { $0.map(Int32.init) }
    return try TrainingData(
      x: images, y: Tensor(labels.shape, numbers), classNames: classNames)
  }

  /// Both parts, read at the same time.
  public static func load(
    from folder: String = folder
  ) throws(FormatError) -> (training: TrainingData, test: TrainingData) {
    let parts = try concurrentMap(2) { index throws(FormatError) in
      try load([DataPart.training, .test][index], from: folder)
    }
    return (parts[0], parts[1])
  }

  private static func array(_ path: String) throws(FormatError) -> Tensor {
    do {
      return try IDX.array(path: path)
    } catch {
      guard !Files.exists(path) else { throw error }
      throw FormatError(
        "Fashion-MNIST is not installed", got: "no file \(path)",
        hint: "make setup, or apt-get install dataset-fashion-mnist")
    }
  }
}
