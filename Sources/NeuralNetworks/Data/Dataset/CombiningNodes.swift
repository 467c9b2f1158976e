/// The elements of one dataset after those of another.
struct ConcatenationNode: DatasetNode {
  let parts: [any DatasetNode]

  var count: ElementCount {
    parts.reduce(.finite(0)) { sum, part in
      switch (sum, part.count) {
      case (.finite(let a), .finite(let b)): .finite(a.saturatingAdd(b))
      case (.infinite, _), (_, .infinite): .infinite
      default: .unknown
      }
    }
  }
  var isIndexed: Bool { parts.allSatisfy(\.isIndexed) && count != .finite(.max) }
  var threads: Int? { parts.compactMap(\.threads).min() }
  var randomCount: Int { parts.map(\.randomCount).max() ?? 0 }
  var sampleCount: Int? {
    parts.reduce(0) { sum, part in
      part.sampleCount.flatMap { count in sum.map { $0.saturatingAdd(count) } }
    }
  }

  /// The part that the element `index` is one of, and its place in it.
  private func place(_ index: Int) -> (part: Int, index: Int)? {
    var rest = index
    for (number, part) in parts.enumerated() {
      let size = part.count.number ?? .max
      if rest < size { return (number, rest) }
      rest -= size
    }
    return nil
  }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    guard let place = place(index) else { throw FormatError("there is no element \(index)") }
    return try parts[place.part].element(place.index, pass.child(place.part))
  }

  func stacked(_ indices: [Int], _ pass: Pass) throws -> Sample? {
    let places = indices.compactMap(place)
    guard let part = places.first?.part, places.allSatisfy({ $0.part == part }) else { return nil }
    return try parts[part].stacked(places.map(\.index), pass.child(part))
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    var number = 0
    var elements: (any ElementStream)?
    // Whole parts are skipped for as long as their sizes are known.
    var rest = start
    while number < parts.count, let size = parts[number].count.number, rest >= size {
      rest -= size
      number += 1
    }
    let isKnown = number < parts.count && parts[number].count.number != nil
    let first = isKnown ? rest : 0
    let from = number
    let stream = ClosureStream {
      while number < parts.count {
        if elements == nil {
          elements = try parts[number].stream(
            pass.child(number), from: number == from ? first : 0)
        }
        if let element = try elements?.next() { return element }
        elements = nil
        number += 1
      }
      return nil
    }
    return isKnown ? stream : try stream.dropping(rest)
  }
}

/// A few elements of each of several datasets in turn; those that have ended are left out.
struct InterleavingNode: DatasetNode {
  let parts: [any DatasetNode]
  let blockLength: Int

  var count: ElementCount { ConcatenationNode(parts: parts).count }
  var randomCount: Int { parts.map(\.randomCount).max() ?? 0 }
  var sampleCount: Int? { ConcatenationNode(parts: parts).sampleCount }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    var open = try parts.enumerated().map { try $1.stream(pass.child($0), from: 0) }
    var (turn, given) = (0, 0)
    return try ClosureStream {
      while !open.isEmpty {
        if given == blockLength { (turn, given) = ((turn + 1) % open.count, 0) }
        if let element = try open[turn].next() {
          given += 1
          return element
        }
        open.remove(at: turn)
        (turn, given) = (turn < open.count ? turn : 0, 0)
      }
      return nil
    }.dropping(start)
  }
}

/// What a closure makes of the elements of several datasets at the same place.
struct ZipNode: DatasetNode {
  let parts: [any DatasetNode]
  let combine: @Sendable ([Sample]) throws -> Sample

  var count: ElementCount {
    if parts.contains(where: { $0.count == .unknown }) { return .unknown }
    return parts.compactMap(\.count.number).min().map { .finite($0) } ?? .infinite
  }
  var isIndexed: Bool { parts.allSatisfy(\.isIndexed) }
  var threads: Int? { parts.compactMap(\.threads).min() }
  var randomCount: Int { parts.map(\.randomCount).max() ?? 0 }
  var sampleCount: Int? {
    let counts = parts.map(\.count)
    return counts.allSatisfy { $0 == counts.first } ? parts.first?.sampleCount : nil
  }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    let elements = try parts.enumerated().map { try $1.element(index, pass.child($0)) }
    return try located("element", index, pass) { try combine(elements) }
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    let streams = try parts.enumerated().map { try $1.stream(pass.child($0), from: start) }
    var index = start
    return ClosureStream {
      var elements: [Sample] = []
      for stream in streams {
        guard let element = try stream.next() else { return nil }
        elements.append(element)
      }
      defer { index += 1 }
      return try located("element", index, pass) { try combine(elements) }
    }
  }
}
