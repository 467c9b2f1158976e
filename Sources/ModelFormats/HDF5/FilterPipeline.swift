import NeuralNetworks

extension HDF5 {
  /// What was done to each chunk before it was written: IV.A.2.l, "The Filter Pipeline Message".
  struct FilterPipeline {
    /// A filter of the library, by its number.
    enum Filter {
      case deflate
      /// Puts the first bytes of all elements before their second bytes, and so on.
      case shuffle(itemSize: Int)
      /// Adds a checksum.
      case fletcher32
    }

    /// The filters in the order of writing.
    let filters: [Filter]

    /// No filters.
    init() { filters = [] }

    init(_ message: Cursor) throws(FormatError) {
      var message = message
      let version = try message.byte()
      let count = try message.byte()
      guard 1...2 ~= version, count <= 32 else {
        throw FormatError("the filters of the array cannot be read")
      }
      if version == 1 { try message.skip(6) }
      var filters: [Filter] = [], ids: Set<Int> = []
      for _ in 0..<count {
        let id = try message.short()
        let nameLength = version == 1 || id >= 256 ? try message.short() : 0
        try message.skip(2)
        let valueCount = try message.short()
        if version == 1 {
          _ = try message.takePadded(nameLength)
        } else {
          try message.skip(nameLength)
        }
        var values = Cursor(try message.take(4 * valueCount))
        if version == 1, valueCount % 2 == 1 { try message.skip(4) }
        let filter: Filter
        switch id {
        case 1: filter = .deflate
        case 2: filter = .shuffle(itemSize: max(try values.word(), 1))
        case 3: filter = .fletcher32
        default:
          throw FormatError(
            "the array is compressed by a filter that is not supported", got: "filter \(id)",
            hint: "save it without compression or with gzip")
        }
        guard ids.insert(id).inserted else {
          throw FormatError(
            "the array is compressed twice in the same way", got: "filter \(id)",
            hint: "save it without compression or with gzip")
        }
        filters.append(filter)
      }
      self.filters = filters
    }

    /// How many bytes one byte of the file may become.
    var ratio: Int {
      filters.contains { if case .deflate = $0 { true } else { false } }
        ? Expansion.deflateRatio : 1
    }
  }
}
