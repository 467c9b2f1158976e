import FoundationEssentials
import Glibc
import NeuralNetworks
import SwiftProtobuf
import TensorGraph

/// Writes what TensorBoard shows to a file of its own in a folder.
///
///     let writer = try EventWriter(directory: "logs/run1")
///     try writer.scalar("loss", 0.25, step: 7)
///     try writer.close()
///
/// Then `tensorboard --logdir logs` shows it. Events gather in memory and go to the file when they
/// are many, after ten seconds, and by `flush()`.
public final class EventWriter {
  /// The file.
  public let path: String
  private var file: Int32
  private var pending = Data()
  private var lastFlush: Double

  /// Creates the folder `directory`, if there is none, and a file in it.
  ///
  /// - Throws: when that is not possible.
  public init(directory: String) throws(FormatError) {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw FormatError(
        "the folder \(directory) cannot be made",
        got: errno == 0 ? nil : String(cString: strerror(errno)),
        hint: "name another folder, or change the permissions of the one above")
    }
    let now = Self.now
    var path = "", file: Int32 = -1
    // As TensorFlow names them; the number tells apart those that begin in the same second.
    for number in 0..<1000 {
      path =
        "\(directory)/events.out.tfevents.\(Int(now)).\(Self.hostName).\(getpid()).\(number).v2"
      file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
      guard file < 0, errno == EEXIST else { break }
    }
    guard file >= 0 else {
      throw FormatError(
        "\(path) cannot be written", got: String(cString: strerror(errno)),
        hint: "name another folder, or change the permissions of \(directory)")
    }
    (self.path, self.file, lastFlush) = (path, file, now)
    var event = TensorBoardEvent()
    event.fileVersion = "brain.Event:2"
    try write(event, 0, now)
    try flush()
  }

  deinit {
    try? flush()
    if file >= 0 { _ = Glibc.close(file) }
  }

  /// Writes the number `value` of `tag` at `step`, which TensorBoard draws as a line.
  ///
  /// - Parameters:
  ///   - tag: What it is called; parts before a `/` are groups.
  ///   - value: Rounded to single precision.
  ///   - step: Where on the line.
  ///   - wallTime: When, in seconds since 1970; now, if nothing is said.
  /// - Throws: when there is no space left, or the writer is closed.
  public func scalar(
    _ tag: String, _ value: Double, step: Int, wallTime: Double? = nil
  ) throws(FormatError) {
    var tensor = TensorBoardTensorProto()
    tensor.dtype = .dtFloat
    tensor.tensorShape = TensorBoardTensorShapeProto()
    tensor.floatVal = [Float(value)]
    try write(tag, tensor, .scalars, step, wallTime)
  }

  /// Writes how the elements of `values` are distributed.
  public func histogram(
    _ tag: String, _ values: Tensor, step: Int, bucketCount: Int = 30, wallTime: Double? = nil
  ) throws(FormatError) {
    try histogram(
      tag, Histogram(values.numbers, bucketCount: bucketCount), step: step, wallTime: wallTime)
  }

  /// Writes `histogram`.
  public func histogram(
    _ tag: String, _ histogram: Histogram, step: Int, wallTime: Double? = nil
  ) throws(FormatError) {
    var tensor = TensorBoardTensorProto()
    tensor.dtype = .dtDouble
    tensor.tensorShape = TensorBoardTensorShapeProto(sizes: [histogram.buckets.count, 3])
    let numbers = histogram.buckets.flatMap { [$0.lower, $0.upper, $0.count] }
    tensor.tensorContent = numbers.withUnsafeBytes { Data($0) }
    try write(tag, tensor, .histograms, step, wallTime)
  }

  /// Writes `text`, which may be Markdown.
  public func text(
    _ tag: String, _ text: String, step: Int, wallTime: Double? = nil
  ) throws(FormatError) {
    var tensor = TensorBoardTensorProto()
    tensor.dtype = .dtString
    tensor.tensorShape = TensorBoardTensorShapeProto()
    tensor.stringVal = [Data(text.utf8)]
    try write(tag, tensor, .text, step, wallTime)
  }

  /// Writes pictures `[count, height, width, channels]`, or one `[height, width, channels]`, of 1
  /// to 4 channels: gray or red, green and blue, each possibly with alpha.
  ///
  /// Bytes are as they are; floats from 0 to 1 are black to full.
  public func images(
    _ tag: String, _ images: Tensor, step: Int, wallTime: Double? = nil
  ) throws(FormatError) {
    let batch = images.shape.rank == 3 ? images.reshaped(Shape([1] + images.shape.dims)) : images
    guard batch.shape.rank == 4, batch.shape[0] > 0 else {
      throw FormatError(
        "pictures need the axes [count, height, width, channels]", got: "\(images.type)")
    }
    var tensor = TensorBoardTensorProto()
    tensor.dtype = .dtString
    tensor.stringVal = [Data("\(batch.shape[2])".utf8), Data("\(batch.shape[1])".utf8)]
    for index in 0..<batch.shape[0] {
      let picture = batch.rows(index..<index + 1).reshaped(
        Shape(Array(batch.shape.dims.dropFirst())))
      tensor.stringVal.append(try PNG.data(picture.asBytes))
    }
    tensor.tensorShape = TensorBoardTensorShapeProto(sizes: [tensor.stringVal.count])
    try write(tag, tensor, .images, step, wallTime)
  }

  /// Writes the layers of `model` and how they are connected.
  public func graph(_ model: Model, wallTime: Double? = nil) throws(FormatError) {
    var event = TensorBoardEvent()
    event.graphDef = try serialized(TensorBoardGraphDef(model))
    try write(event, 0, wallTime)
  }

  /// Makes sure that everything written so far is in the file.
  ///
  /// - Throws: when there is no space left, or the writer is closed.
  public func flush() throws(FormatError) {
    lastFlush = Self.now
    defer { pending.removeAll() }
    let code = pending.withUnsafeBytes { bytes -> Int32? in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count == 0 || errno != EINTR {
          return count == 0 ? ENOSPC : errno
        }
      }
      return nil
    }
    guard let code else { return }
    throw FormatError(
      "\(path) cannot be written", got: file < 0 ? "it is closed" : String(cString: strerror(code)),
      hint: code == ENOSPC || code == EDQUOT ? "make space, or write elsewhere" : nil)
  }

  /// Ends the file. Nothing can be written after that.
  public func close() throws(FormatError) {
    guard file >= 0 else { return }
    defer { file = -1 }
    do throws(FormatError) {
      try flush()
    } catch {
      _ = Glibc.close(file)
      throw error
    }
    guard Glibc.close(file) == 0 else {
      throw FormatError("\(path) cannot be written", got: String(cString: strerror(errno)))
    }
  }

  private func write(
    _ tag: String, _ tensor: TensorBoardTensorProto, _ plugin: EventPlugin, _ step: Int,
    _ wallTime: Double?
  ) throws(FormatError) {
    var value = TensorBoardSummary.Value()
    value.tag = tag
    value.tensor = tensor
    value.metadata.pluginData.pluginName = plugin.rawValue
    value.metadata.dataClass = plugin.dataClass
    var event = TensorBoardEvent()
    event.summary.value = [value]
    try write(event, step, wallTime)
  }

  private func write(
    _ event: TensorBoardEvent, _ step: Int, _ wallTime: Double?
  ) throws(FormatError) {
    var event = event
    event.step = Int64(step)
    event.wallTime = wallTime ?? Self.now
    pending += RecordFile.record(try serialized(event))
    if pending.count > 1 << 16 || Self.now - lastFlush > 10 { try flush() }
  }

  private func serialized(_ message: some SwiftProtobuf.Message) throws(FormatError) -> Data {
    do {
      return try message.serializedBytes()
    } catch {
      throw FormatError("an event is too large", got: "\(error)", file: path)
    }
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// The plugins of TensorBoard that show values.
enum EventPlugin: String {
  case scalars, histograms, text, images

  var dataClass: TensorBoardDataClass {
    switch self {
    case .scalars: .scalar
    case .histograms, .text: .tensor
    case .images: .blobSequence
    }
  }
}

extension TensorBoardTensorShapeProto {
  /// A shape; an open size is -1.
  init(sizes: [Int]) {
    self.init()
    dim = sizes.map { size in
      var dim = Dim()
      dim.size = Int64(size)
      return dim
    }
  }
}

extension Tensor {
  /// Bytes as they are; of floats from 0 to 1 the nearest bytes; of other integers those in range.
  fileprivate var asBytes: Tensor {
    guard dtype != .uint8 else { return self }
    // As TensorFlow makes bytes of floats.
    let scale = dtype.isFloatingPoint ? 255.5 : 1
    return Tensor(
      shape,
      numbers.map { number in
        let scaled = (number * scale).rounded(.down)
        return scaled >= 255 ? 255 : scaled > 0 ? UInt8(scaled) : 0
      })
  }
}
