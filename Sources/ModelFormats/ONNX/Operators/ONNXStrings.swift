import TensorGraph

extension ONNXOperator {
  /// Text, which is looked at while the graph is made.
  static let strings: [String: ONNXOperator] = [
    "StringConcat": ONNXOperator(.byRule) { call in
      let a = try call.known(0), b = try call.known(1)
      guard let shape = a.shape.broadcast(with: b.shape) else {
        throw ONNXError.mistake("\(a.shape) and \(b.shape) do not fit")
      }
      let (x, y) = (a.repeatedStrings(to: shape), b.repeatedStrings(to: shape))
      return [.tensor(ONNXTensor(Tensor(shape, zip(x, y).map { $0 + $1 })))]
    },
    "StringNormalizer": ONNXOperator(.byRule) { try $0.normalizedStrings() },
    "StringSplit": ONNXOperator(.byRule) { try $0.splitStrings() },
    "TfIdfVectorizer": ONNXOperator(.byRule) { try $0.countedGrams() },
  ]

  /// What ONNX has for models that are no networks.
  static let machineLearning: [String: ONNXOperator] = [
    "LabelEncoder": ONNXOperator(.byRule) { try $0.encodedLabels() },
    "ArrayFeatureExtractor": ONNXOperator { call in
      let y = try call.x(1).reshaped([-1])
      let x = try call.x(0), picked = x.gathered(at: y, axis: x.shape.rank - 1)
      return try call.result(x.shape.rank == 1 ? picked.expandingDims(at: 0) : picked)
    },
    "Binarizer": ONNXOperator { call in
      let threshold = call.float("threshold", 0)
      return try call.elementwise { ($0[0] .> threshold).cast(to: $0[0].dtype) }
    },
  ]
}

extension Tensor {
  /// The strings, repeated along axes of size 1 until they fill `shape`.
  package func repeatedStrings(to shape: Shape) -> [String] {
    let all = strings, own = self.shape.strides, lead = shape.rank - self.shape.rank
    let strides = shape.strides
    return (0..<shape.count).map { place in
      var source = 0
      for axis in lead..<max(shape.rank, lead) where self.shape.dims[axis - lead] > 1 {
        source += place / strides[axis] % shape[axis] * own[axis - lead]
      }
      return all[source]
    }
  }
}

extension ONNXCall {
  fileprivate func normalizedStrings() throws -> [ONNXValue] {
    let x = try known(0)
    guard x.dtype == .string, x.shape.rank == 1 || x.shape.rank == 2 && x.shape[0] == 1 else {
      throw ONNXError.mistake("expects strings [count] or [1, count], not \(x.type)")
    }
    let isExact = bool("is_case_sensitive")
    func key(_ word: String) -> String { isExact ? word : word.lowercased() }
    let stops = Set((strings("stopwords") ?? []).map(key))
    var words = x.strings.filter { !stops.contains(key($0)) }
    switch string("case_change_action", "NONE") {
    case "LOWER": words = words.map { $0.lowercased() }
    case "UPPER": words = words.map { $0.uppercased() }
    default: break
    }
    if words.isEmpty { words = [""] }
    let shape: Shape = x.shape.rank == 1 ? [words.count] : [1, words.count]
    return [.tensor(ONNXTensor(Tensor(shape, words)))]
  }

  fileprivate func splitStrings() throws -> [ONNXValue] {
    let x = try known(0)
    let delimiter = string("delimiter") ?? "", limit = int("maxsplit") ?? .max
    let parts = x.strings.map { text -> [String] in
      delimiter.isEmpty ? words(of: text, limit) : pieces(of: text, delimiter, limit)
    }
    let width = parts.map(\.count).max() ?? 0
    let padded = parts.flatMap { $0 + Array(repeating: "", count: width - $0.count) }
    return [
      .tensor(ONNXTensor(Tensor(Shape(x.shape.dims + [width]), padded))),
      .tensor(ONNXTensor(Tensor(x.shape, parts.map { Int64($0.count) }))),
    ]
  }

  /// The words between spaces; after `limit` splits the rest is one.
  private func words(of text: String, _ limit: Int) -> [String] {
    var words: [String] = []
    var rest = text[...].drop(while: \.isWhitespace)
    while !rest.isEmpty, words.count < limit {
      let word = rest.prefix { !$0.isWhitespace }
      words.append(String(word))
      rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
    }
    if !rest.isEmpty { words.append(String(rest)) }
    return words
  }

  /// The texts between `delimiter`s; after `limit` splits the rest is one.
  private func pieces(of text: String, _ delimiter: String, _ limit: Int) -> [String] {
    var pieces: [String] = []
    var rest = text[...]
    while pieces.count < limit, let range = rest.firstRange(of: delimiter) {
      pieces.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return pieces + [String(rest)]
  }

  /// How often each of the known sequences of words is in each row.
  fileprivate func countedGrams() throws -> [ONNXValue] {
    let x = try known(0), isText = x.dtype == .string
    let items = isText ? x.strings : x.scalars(as: Int64.self).map(String.init)
    let pool = strings("pool_strings") ?? (ints("pool_int64s") ?? []).map(String.init)
    let starts = ints("ngram_counts") ?? [], places = ints("ngram_indexes") ?? []
    let (shortest, longest) = (int("min_gram_length", 1), int("max_gram_length", 1))
    guard (1...2).contains(x.shape.rank), shortest > 0, longest >= shortest, longest < 1 << 16,
      starts.allSatisfy({ (0...pool.count).contains($0) }), starts == starts.sorted(),
      places.allSatisfy({ (0..<1 << 24).contains($0) })
    else { throw ONNXError.mistake("the known sequences of words are not given right") }
    var known: [[String]: Int] = [:]
    var next = 0
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : pool.count, length = index + 1
      for place in stride(from: start, to: end - length + 1, by: length) {
        guard next < places.count else { throw ONNXError.mistake("ngram_indexes is too short") }
        if length >= shortest, length <= longest {
          known[Array(pool[place..<place + length])] = next
        }
        next += 1
      }
    }
    let columns = (places.max() ?? -1) + 1
    let rows = x.shape.rank == 1 ? 1 : x.shape[0], size = x.shape[-1]
    var counts = [Float](repeating: 0, count: rows * columns)
    let skips = min(max(int("max_skip_count", 0), 0), size)
    for row in 0..<rows {
      let words = Array(items[row * size..<(row + 1) * size])
      for length in shortest...min(longest, max(size, shortest)) {
        // A word alone has no gaps to skip over.
        for step in 1...(length == 1 ? 1 : skips + 1) where (length - 1) * step < size {
          for start in 0..<size - (length - 1) * step {
            let gram = (0..<length).map { words[start + $0 * step] }
            if let found = known[gram] { counts[row * columns + places[found]] += 1 }
          }
        }
      }
    }
    let weights = floats("weights") ?? []
    let mode = string("mode", "TF")
    for index in counts.indices where mode != "TF" {
      if mode == "IDF" { counts[index] = min(counts[index], 1) }
      let gram = places.firstIndex(of: index % max(columns, 1)) ?? 0
      if weights.indices.contains(gram) { counts[index] *= Float(weights[gram]) }
    }
    return [.tensor(ONNXTensor(Tensor(x.shape.rank == 1 ? [columns] : [rows, columns], counts)))]
  }

  /// The value of each element by a table of keys.
  fileprivate func encodedLabels() throws -> [ONNXValue] {
    let x = try known(0)
    func list(_ kind: String) throws -> (tensor: Tensor, keys: [String])? {
      var found: Tensor?
      if let strings = strings("\(kind)_strings") {
        found = Tensor([strings.count], strings)
      } else if let numbers = ints("\(kind)_int64s") {
        found = Tensor([numbers.count], numbers.map { Int64($0) })
      } else if let numbers = floats("\(kind)_floats") {
        found = Tensor([numbers.count], numbers.map { Float($0) })
      } else {
        found = try tensor(named: "\(kind)_tensor")?.known
      }
      return found.map { ($0, Self.keys(of: $0)) }
    }
    guard let keys = try list("keys"), let values = try list("values"),
      keys.keys.count == values.keys.count
    else { throw ONNXError.mistake("keys and values are not given right") }
    let table = Dictionary(
      zip(keys.keys, values.keys.indices), uniquingKeysWith: { first, _ in first })
    let found = Self.keys(of: x).map { table[$0] }
    if values.tensor.dtype == .string {
      let standard =
        try tensor(named: "default_tensor")?.known?.strings.first
        ?? string("default_string", "_Unused")
      return [
        .tensor(ONNXTensor(Tensor(x.shape, found.map { $0.map { values.keys[$0] } ?? standard })))
      ]
    }
    let given = try tensor(named: "default_tensor")?.known?.numbers.first
    let standard =
      given
      ?? (values.tensor.dtype == .int64
        ? Double(int("default_int64", -1)) : float("default_float", -0.0))
    let numbers = values.tensor.numbers
    return [
      .tensor(
        ONNXTensor(
          Tensor(
            TensorType(values.tensor.dtype, x.shape),
            numbers: found.map { $0.map { numbers[$0] } ?? standard }),
          type: try tensor(named: "values_tensor")?.type))
    ]
  }

  /// The elements of `tensor` as keys of a table; all NaN are one.
  private static func keys(of tensor: Tensor) -> [String] {
    tensor.dtype == .string ? tensor.strings : tensor.numbers.map { "\($0)" }
  }
}
