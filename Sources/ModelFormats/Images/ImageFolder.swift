import FoundationEssentials
import Glibc
import NeuralNetworks
import TensorGraph

/// Pictures in a folder that has one folder for each class.
///
///     let pets = try ImageFolder("pets", imageSize: (128, 128), seed: 7)
///     let (training, validation) = try pets.split(validationFraction: 0.2)
///     try model.fit(training.load(), validationData: validation.load(), epochs: 5)
///
/// As Keras's `image_dataset_from_directory`: classes are numbered in the order of the names of
/// their folders, and a seed gives the order and the split that Keras gives.
public struct ImageFolder: Sendable {
  /// A picture and its class.
  public struct File: Sendable, Hashable {
    /// Where it is.
    public var path: String
    /// The number of its class.
    public var label: Int
  }

  /// The names of the classes in order of their numbers.
  public let classNames: [String]
  /// The pictures, in the order in which they are loaded.
  public private(set) var files: [File]
  /// The size that pictures are given.
  public var imageSize: (height: Int, width: Int)
  /// The channels that pictures are given.
  public var colorMode: ImageFile.ColorMode
  /// How classes become targets.
  public var labelMode: LabelMode
  /// How pixels are found where the size is another one.
  public var interpolation: Interpolation
  /// The type of the pixels: `float32` from 0 to 255, or `uint8`, rounded, in a quarter of the
  /// memory.
  public var dtype: DType

  /// Finds the pictures in the folders in `directory`, at any depth, in order of their names.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - classNames: Which folders to take, in which order; all, sorted, if nothing is said.
  ///   - imageSize: The size that pictures are given.
  ///   - colorMode: The channels that pictures are given.
  ///   - labelMode: How classes become targets.
  ///   - interpolation: How pixels are found where the size is another one.
  ///   - dtype: `float32` or `uint8`.
  ///   - seed: What another order follows from; classes one after another if there is none.
  /// - Throws: when there is no such folder, no class or no picture in it, or pictures are of a
  ///   kind that is not read.
  public init(
    _ directory: String, classNames: [String]? = nil,
    imageSize: (height: Int, width: Int) = (256, 256), colorMode: ImageFile.ColorMode = .rgb,
    labelMode: LabelMode = .int, interpolation: Interpolation = .bilinear,
    dtype: DType = .float32, seed: UInt32? = nil
  ) throws(FormatError) {
    let folders = try ClassFolders(
      directory, classNames: classNames, of: "pictures", endings: ".png, .jpg or .jpeg",
      accepts: Self.isPicture)
    self.classNames = folders.classNames
    var files = folders.files.map { File(path: $0.path, label: $0.label) }
    if let seed {
      var shuffle = NumPyShuffle(seed: seed)
      files = shuffle.order(files.count).map { [files] in files[$0] }
    }
    self.files = files
    self.imageSize = imageSize
    self.colorMode = colorMode
    self.labelMode = labelMode
    self.interpolation = interpolation
    self.dtype = dtype
  }

  /// Sets the last `validationFraction` of the pictures apart. Without a seed these are the last
  /// classes.
  ///
  /// - Throws: unless both parts have a picture.
  public func split(
    validationFraction: Double
  ) throws(FormatError) -> (training: ImageFolder, validation: ImageFolder) {
    guard validationFraction > 0, validationFraction < 1 else {
      throw FormatError(
        "a validation split lies between 0 and 1", got: "\(validationFraction)",
        hint: "0.1 sets a tenth of the pictures apart")
    }
    let count = Int(validationFraction * Double(files.count))
    guard count > 0, count < files.count else {
      throw FormatError(
        "a validation split of \(validationFraction) leaves one part empty",
        got: "\(files.count) pictures", hint: "give more pictures or another fraction")
    }
    var training = self, validation = self
    training.files.removeLast(count)
    validation.files.removeFirst(files.count - count)
    return (training, validation)
  }

  /// Whether a file is a picture, by the end of its name.
  ///
  /// - Throws: when it is one of a kind that is not read.
  private static func isPicture(_ path: String) throws(FormatError) -> Bool {
    let name = path.lowercased()
    if [".bmp", ".gif"].contains(where: { name.hasSuffix($0) }) {
      throw FormatError(
        "pictures are read from PNG and JPEG files",
        got: "a \(name.suffix(3).uppercased()) picture", file: path, hint: "convert it to PNG")
    }
    return [".png", ".jpg", ".jpeg"].contains { name.hasSuffix($0) }
  }
}
