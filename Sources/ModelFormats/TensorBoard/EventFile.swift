import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// What a file of TensorBoard's events holds.
public enum EventFile {
  /// A value or a graph in an event file.
  public struct Entry: Sendable, Hashable {
    /// When it was written, in seconds since 1970.
    public var wallTime: Double
    /// The step it belongs to.
    public var step: Int
    /// What it is called; empty for a graph.
    public var tag: String
    /// What it is.
    public var content: Content
  }

  /// What can be in an entry.
  public enum Content: Sendable, Hashable {
    /// A number.
    case scalar(Double)
    /// How numbers are distributed.
    case histogram(Histogram)
    /// Text, possibly several.
    case text([String])
    /// Pictures, each the bytes of a PNG file.
    case images([Data])
    /// The nodes of a network.
    case graph([GraphNode])
    /// Something of another plugin.
    case other(plugin: String)
  }

  /// A layer or an operation in a graph.
  public struct GraphNode: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its class.
    public var operation: String
    /// The names of the nodes that it reads.
    public var inputs: [String]
  }

  /// The entries of the file at `path`, in order.
  public static func read(path: String) throws(FormatError) -> [Entry] {
    try read(Files.contents(of: path), file: path)
  }

  /// The entries in the bytes of an event file, in order.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - allowingPartialEnd: Whether a last record that is not complete is passed over.
  /// - Returns: the values and graphs.
  /// - Throws: when a checksum does not fit, or a record is no event.
  public static func read(
    _ data: Data, file: String? = nil, allowingPartialEnd: Bool = true
  ) throws(FormatError) -> [Entry] {
    var entries: [Entry] = []
    var plugins: [String: String] = [:]  // only the first event of a tag has to name it
    var isFirst = true
    var numberLimit = 1 << 20 + data.count
    do throws(FormatError) {
      try RecordFile.forEachRecord(in: data, allowingPartialEnd: allowingPartialEnd) {
        record, offset throws(FormatError) in
        guard let event = try? TensorBoardEvent(serializedBytes: record) else {
          throw FormatError("a record is not an event", at: .byte(offset))
        }
        if isFirst {
          guard event.fileVersion.hasPrefix("brain.Event:") else {
            throw FormatError(
              "this is not a file of TensorBoard's events",
              got: event.fileVersion.isEmpty
                ? "no version in its first record" : String(event.fileVersion.prefix(40)),
              at: .byte(offset))
          }
          isFirst = false
        }
        func add(_ tag: String, _ content: Content) {
          entries.append(
            Entry(
              wallTime: event.wallTime, step: Int(event.step), tag: tag, content: content))
        }
        switch event.what {
        case .graphDef(let bytes):
          guard let graph = try? TensorBoardGraphDef(serializedBytes: bytes) else {
            throw FormatError("the graph is damaged", at: .byte(offset))
          }
          add(
            "",
            .graph(graph.node.map { GraphNode(name: $0.name, operation: $0.op, inputs: $0.input) }))
        case .summary(let summary):
          for value in summary.value {
            let named = value.metadata.pluginData.pluginName
            if !named.isEmpty { plugins[value.tag] = named }
            do throws(FormatError) {
              add(
                value.tag,
                try Content(value, plugin: plugins[value.tag] ?? "", atMost: &numberLimit))
            } catch {
              var error = error
              error.position = .byte(offset)
              throw error
            }
          }
        case .fileVersion, nil: break
        }
      }
    } catch {
      throw error.naming(file)
    }
    return entries
  }
}

extension EventFile.Content {
  /// Reads a value that belongs to `plugin`, of at most `limit` numbers, which it lowers.
  init(
    _ value: TensorBoardSummary.Value, plugin: String, atMost limit: inout Int
  ) throws(FormatError) {
    if case .simpleValue(let number)? = value.value {
      self = .scalar(Double(number))
      return
    }
    func damaged(_ what: String) -> FormatError {
      FormatError("\(what) \(value.tag) is damaged", got: "\(value.tensor.tensorShape.sizes)")
    }
    switch EventPlugin(rawValue: plugin) {
    case .scalars:
      guard let numbers = value.tensor.numbers(atMost: &limit), numbers.count == 1 else {
        throw damaged("the scalar")
      }
      self = .scalar(numbers[0])
    case .histograms:
      let sizes = value.tensor.tensorShape.sizes
      guard let numbers = value.tensor.numbers(atMost: &limit), sizes.count == 2, sizes[1] == 3
      else {
        throw damaged("the histogram")
      }
      self = .histogram(
        Histogram(
          buckets: stride(from: 0, to: numbers.count, by: 3).map {
            Histogram.Bucket(lower: numbers[$0], upper: numbers[$0 + 1], count: numbers[$0 + 2])
          }))
    case .text:
      self = .text(value.tensor.stringVal.map { String(decoding: $0, as: UTF8.self) })
    case .images:
      // The first two are the width and the height.
      self = .images(Array(value.tensor.stringVal.dropFirst(2)))
    case nil: self = .other(plugin: plugin)
    }
  }
}

extension TensorBoardTensorShapeProto {
  fileprivate var sizes: [Int] { dim.map { Int($0.size) } }
}

extension TensorBoardTensorProto {
  /// The elements, if they are as many numbers as the shape says, and no more than `limit`, which
  /// is lowered by their number.
  fileprivate func numbers(atMost limit: inout Int) -> [Double]? {
    guard let count = elementCount(tensorShape.sizes, itemSize: 8), count <= limit else {
      return nil
    }
    limit -= count
    func content<T: BitwiseCopyable>(_: T.Type) -> [T]? {
      guard tensorContent.count == count * MemoryLayout<T>.size else { return nil }
      return tensorContent.withUnsafeBytes { bytes in
        (0..<count).map {
          bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
        }
      }
    }
    let numbers: [Double]?
    switch dtype {
    case .dtFloat:
      numbers = (floatVal.isEmpty ? content(Float.self) : floatVal)?.map(Double.init)
    case .dtDouble: numbers = doubleVal.isEmpty ? content(Double.self) : doubleVal
    case .dtInt32: numbers = (intVal.isEmpty ? content(Int32.self) : intVal)?.map(Double.init)
    case .dtInt64:
      numbers = (int64Val.isEmpty ? content(Int64.self) : int64Val)?.map(Double.init)
    default: numbers = nil
    }
    // TensorFlow leaves out elements at the end that are like the last one.
    guard var numbers, numbers.count <= count else { return nil }
    if let last = numbers.last, numbers.count < count {
      numbers += Array(repeating: last, count: count - numbers.count)
    }
    return numbers.count == count ? numbers : nil
  }
}
