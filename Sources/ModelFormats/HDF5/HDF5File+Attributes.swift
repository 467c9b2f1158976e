import NeuralNetworks
import TensorGraph

extension HDF5File {
  /// The names of the attributes of the object at `path`.
  public func attributeNames(of path: String = "/") throws(FormatError) -> [String] {
    try reading(path) { source throws(FormatError) in
      try HDF5.Attribute.all(of: open(path, &source)).map(\.name)
    }
  }

  /// The string that the attribute `name` of the object at `path` is; nothing when it has none.
  public func string(_ name: String, of path: String = "/") throws(FormatError) -> String? {
    try strings(name, of: path)?.first
  }

  /// The strings that the attribute `name` of the object at `path` holds; nothing when it has none.
  ///
  /// A list that Keras split into `name0`, `name1` and so on, for its length, is put together.
  public func strings(_ name: String, of path: String = "/") throws(FormatError) -> [String]? {
    try reading(path) { source throws(FormatError) in
      let attributes = Dictionary(
        try HDF5.Attribute.all(of: open(path, &source)).map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first })
      var heap = HDF5.GlobalHeap()
      if let whole = attributes[name] { return try whole.strings(&heap, &source) }
      var list: [String]?
      var index = 0
      while let part = attributes[name + String(index)] {
        list = try (list ?? []) + part.strings(&heap, &source)
        index += 1
      }
      return list
    }
  }

  /// The numbers of the attribute `name` of the object at `path`; nothing when it has none.
  public func numbers(_ name: String, of path: String = "/") throws(FormatError) -> Tensor? {
    try reading(path) { source throws(FormatError) in
      let attribute = try HDF5.Attribute.all(of: open(path, &source)).first { $0.name == name }
      return try attribute.map { attribute throws(FormatError) in try attribute.numbers() }
    }
  }
}
