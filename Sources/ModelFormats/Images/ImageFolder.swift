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

  /// How classes become targets.
  public enum LabelMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Their numbers: `int32[samples]`.
    case int
    /// 1 for the class, 0 for all others: `float32[samples, classes]`.
    case categorical
    /// 0 and 1 for two classes: `float32[samples, 1]`.
    case binary
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
    let folders = try Self.entries(directory).filter {
      !$0.hasPrefix(".") && Self.isFolder("\(directory)/\($0)", followingLinks: true)
    }
    self.classNames = classNames ?? folders
    for name in self.classNames where !folders.contains(name) {
      throw FormatError(
        "there is no folder of the class \(name)", got: folders.joined(separator: ", "),
        file: directory, hint: spellingHint(name, in: folders))
    }
    guard !self.classNames.isEmpty else {
      throw FormatError(
        "there are no folders of classes", file: directory,
        hint: "put the pictures of each class into a folder with its name")
    }
    guard Set(self.classNames).count == self.classNames.count else {
      throw FormatError("a class is named twice", got: self.classNames.joined(separator: ", "))
    }
    var files: [File] = []
    for (label, name) in self.classNames.enumerated() {
      try Self.walk("\(directory)/\(name)") { files.append(File(path: $0, label: label)) }
    }
    guard !files.isEmpty else {
      throw FormatError(
        "there are no pictures", got: "the classes \(self.classNames.joined(separator: ", "))",
        file: directory, hint: "pictures have names that end in .png, .jpg or .jpeg")
    }
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

  /// The names in a folder, sorted as Python sorts them.
  private static func entries(_ folder: String) throws(FormatError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
    } catch {
      let isFile = Files.exists(folder) && !isFolder(folder, followingLinks: true)
      throw FormatError(
        "\(folder) cannot be read",
        got: isFile ? "a file" : errno == 0 ? nil : String(cString: strerror(errno)),
        hint: "name a folder that has a folder of pictures for each class")
    }
  }

  private static func isFolder(_ path: String, followingLinks: Bool) -> Bool {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  /// Calls `body` with the pictures in a folder and then with those in its folders, as Keras sorts
  /// them; links to folders are not followed.
  private static func walk(
    _ folder: String, _ body: (String) -> Void
  ) throws(FormatError) {
    var pending = [folder], all: [(folder: String, names: [String])] = []
    while let folder = pending.popLast() {
      let names = try entries(folder)
      let folders = Set(names.filter { isFolder("\(folder)/\($0)", followingLinks: false) })
      pending += folders.map { "\(folder)/\($0)" }
      all.append((folder, names.filter { !folders.contains($0) }))
    }
    for (folder, names) in all.sorted(by: {
      $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8)
    }) {
      for name in names {
        let ending = name.lowercased()
        let path = "\(folder)/\(name)"
        if [".bmp", ".gif"].contains(where: { ending.hasSuffix($0) }) {
          throw FormatError(
            "pictures are read from PNG and JPEG files",
            got: "a \(ending.suffix(3).uppercased()) picture", file: path,
            hint: "convert it to PNG")
        }
        if [".png", ".jpg", ".jpeg"].contains(where: { ending.hasSuffix($0) }) { body(path) }
      }
    }
  }
}
