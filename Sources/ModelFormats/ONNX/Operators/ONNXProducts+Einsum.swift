import TensorGraph

extension ONNXCall {
  /// Einstein's summation over any number of operands; a letter may occur twice in one.
  func einsummed() throws -> [ONNXValue] {
    guard let equation = string("equation")?.filter({ !$0.isWhitespace }) else {
      throw ONNXError.mistake("there is no equation")
    }
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    let given = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let x = try all()
    guard sides.count <= 2, given.count == x.count, !x.isEmpty else {
      throw ONNXError.mistake("the equation \(equation) is not for \(x.count) inputs")
    }
    let terms = try zip(given, x).map { try Term($0, $1, equation) }
    let output = sides.count == 2 ? String(sides[1]) : Self.output(of: given.map(String.init))
    // Two operands at a time; what no other has and the result lacks is summed at once.
    var result = terms[0]
    for index in terms.indices.dropFirst() {
      let later = terms[(index + 1)...].map(\.text).joined() + output
      let both = result.text + terms[index].text
      let letters = Set(both.filter { $0 != "." && later.contains($0) }).sorted()
      let text =
        index == terms.count - 1 ? output : (both.contains("...") ? "..." : "") + String(letters)
      result = Term(
        text: text,
        symbol: einsum(
          "\(result.text),\(terms[index].text)->\(text)", result.symbol, terms[index].symbol))
    }
    let y = terms.count == 1 ? einsum("\(result.text)->\(output)", result.symbol) : result.symbol
    return try self.result(y)
  }

  /// The result of an equation that does not say it: what occurs once, in order.
  private static func output(of terms: [String]) -> String {
    let all = terms.joined()
    var counts: [Character: Int] = [:]
    for letter in all where letter != "." { counts[letter, default: 0] += 1 }
    let letters = counts.filter { $0.value == 1 }.keys.sorted()
    return (all.contains("...") ? "..." : "") + String(letters)
  }
}

/// An operand, and letters for its axes.
private struct Term {
  var text: String
  var symbol: Symbol

  init(text: String, symbol: Symbol) {
    self.text = text
    self.symbol = symbol
  }

  /// The operand with the diagonal taken of axes that have one letter.
  init(_ given: Substring, _ x: Symbol, _ equation: String) throws {
    let parts = given.split(separator: "...", omittingEmptySubsequences: false)
    let count = parts.reduce(0) { $0 + $1.count }
    guard parts.count <= 2, parts.joined().allSatisfy(\.isLetter),
      parts.count == 2 ? count <= x.shape.rank : count == x.shape.rank
    else {
      throw ONNXError.mistake("‘\(given)’ of the equation \(equation) does not fit \(x.shape)")
    }
    // A place for each axis, those of the ellipsis without a letter.
    let open = [Character?](repeating: nil, count: x.shape.rank - count)
    var letters = parts[0].map(Optional.some)
    if parts.count == 2 { letters += open + parts[1].map(Optional.some) }
    var hole = parts.count == 2 ? parts[0].count : nil
    symbol = x
    while let (first, second) = Self.repeated(letters) {
      guard symbol.shape[first] == symbol.shape[second] else {
        throw ONNXError.mistake(
          "‘\(given)’ takes the diagonal of \(symbol.shape[first])×\(symbol.shape[second])")
      }
      symbol = symbol.diagonal(first, second)
      letters.remove(at: second)
      if let before = hole, second < before { hole = before - 1 }
    }
    text = String(letters.prefix(hole ?? letters.count).compactMap(\.self))
    if let hole { text += "..." + String(letters.dropFirst(hole).compactMap(\.self)) }
  }

  private static func repeated(_ letters: [Character?]) -> (Int, Int)? {
    for (second, letter) in letters.enumerated() {
      guard let letter, let first = letters.firstIndex(of: letter), first < second else { continue }
      return (first, second)
    }
    return nil
  }
}

extension Symbol {
  /// The elements whose indices along two axes of one size are the same, in the place of the first.
  fileprivate func diagonal(_ first: Int, _ second: Int) -> Symbol {
    guard isValid else { return self }
    let rest = (0..<shape.rank).filter { $0 != first && $0 != second }
    let size = shape[first]
    let flat = transposed(rest + [first, second])
      .reshaped(Shape(rest.map { shape[$0] } + [size * size]))
    let line = flat.sliced(axis: -1, 0..<size * size, stride: size + 1)
    return line.transposed(Array(0..<first) + [rest.count] + Array(first..<rest.count))
  }
}
