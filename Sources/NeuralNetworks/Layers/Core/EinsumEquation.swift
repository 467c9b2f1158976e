import TensorGraph

/// The equation of a dense layer, with the sizes it has for an input.
struct EinsumEquation {
  /// What is wrong with an equation.
  struct Mistake: Error {
    let reason: String
    var hint: String?
  }

  /// The shape of the kernel.
  let kernelShape: Shape
  /// The shape of the bias, which broadcasts to the output; nothing without one.
  private(set) var biasShape: Shape?
  /// The number of inputs of a unit, and of the units an input feeds.
  private(set) var fanIn = 1, fanOut = 1

  /// An axis is a letter, or one of the ellipsis.
  private let input: [String], output: [String]

  /// Reads `equation` for an input of shape `x` and an output whose axes after the batch, apart
  /// from the ellipsis, are `sizes`.
  init(
    _ equation: String, input x: Shape, output sizes: [Int?], biasAxes: String?
  ) throws(Mistake) {
    let (terms, isLeft) = try EinsumEquation.terms(equation)
    let (inputTerm, kernelTerm, outputTerm) = (terms[0], terms[1], terms[2])
    let elided = x.rank - inputTerm.count
    let open = (0..<max(elided, 0)).map { "…\($0)" }
    guard isLeft == nil ? elided == 0 : isLeft == true ? elided > 0 : elided >= 0 else {
      throw Mistake(
        reason: "the input has \(x.rank) axes",
        hint: "give each axis of the input a letter, or use ...")
    }
    func full(_ term: [String]) -> [String] {
      switch isLeft {
      case nil: term
      case true?: open + term
      case false?: term + open
      }
    }
    (input, output) = (full(inputTerm), full(outputTerm))

    // The output's own sizes: the batch and the axes of the ellipsis are the input's.
    var known = Dictionary(zip(input, x.dims), uniquingKeysWith: { first, _ in first })
    let stated = isLeft == true ? outputTerm : Array(outputTerm.dropFirst())
    guard stated.count == sizes.count else {
      throw Mistake(
        reason: "the output shape has \(sizes.count) sizes for \(stated.count) axes",
        hint: "leave out the batch and the axes of the ellipsis")
    }
    for (letter, size) in zip(stated, sizes) {
      guard let size else { continue }
      guard isSize(size) else { throw Mistake(reason: "an axis of the output has size \(size)") }
      guard known[letter] == nil || known[letter] == size else {
        throw Mistake(
          reason: "'\(letter)' is \(known[letter] ?? 0) in the input and \(size) in the output",
          hint: "write nil for the size in the output shape")
      }
      known[letter] = size
    }
    for letter in outputTerm where !inputTerm.contains(letter) && !kernelTerm.contains(letter) {
      throw Mistake(reason: "'\(letter)' of the output is in neither the input nor the kernel")
    }
    var kernel: [Int] = []
    for letter in kernelTerm {
      guard inputTerm.contains(letter) || outputTerm.contains(letter) else {
        throw Mistake(reason: "'\(letter)' of the kernel is in neither the input nor the output")
      }
      guard let size = known[letter] else {
        throw Mistake(
          reason: "the size of '\(letter)' is not known", hint: "state it in the output shape")
      }
      kernel.append(size)
      let isOutput = outputTerm.contains(letter)
      (fanIn, fanOut) = (
        isOutput ? fanIn : product(fanIn, size), isOutput ? product(fanOut, size) : fanOut
      )
    }
    kernelShape = Shape(kernel)
    guard let biasAxes else { return }
    let letters = biasAxes.map(String.init)
    guard let first = outputTerm.firstIndex(where: letters.contains),
      letters.allSatisfy(outputTerm.contains)
    else {
      throw Mistake(reason: "the bias axes \"\(biasAxes)\" are not letters of the output")
    }
    var bias: [Int] = []
    for letter in outputTerm[first...] {
      guard letters.contains(letter) else {
        bias.append(1)
        continue
      }
      guard let size = known[letter] else {
        throw Mistake(
          reason: "the size of '\(letter)' is not known", hint: "state it in the output shape")
      }
      bias.append(size)
    }
    biasShape = Shape(bias + (isLeft == false ? open.map { _ in 1 } : []))
  }

  /// Whether the first `count` axes of the input are those of the output.
  func keepsFirstAxes(_ count: Int) -> Bool {
    output.count >= count && output.prefix(count) == input.prefix(count)
  }

  /// The letters of input, kernel and output, and on which side the ellipsis is.
  private static func terms(_ equation: String) throws(Mistake) -> ([[String]], Bool?) {
    let mistake = Mistake(
      reason: "it should be input,kernel->output, with letters and perhaps ... on one side",
      hint: "for example \"ab,bc->ac\", \"...x,xy->...y\" or \"abc...,cd->abd...\"")
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else { throw mistake }
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2 else { throw mistake }
    var (input, output) = (operands[0], sides[1])
    var isLeft: Bool?
    if input.hasPrefix("..."), output.hasPrefix("...") {
      isLeft = true
      (input, output) = (input.dropFirst(3), output.dropFirst(3))
    } else if input.hasSuffix("..."), output.hasSuffix("...") {
      isLeft = false
      (input, output) = (input.dropLast(3), output.dropLast(3))
    }
    let terms = [input, operands[1], output].map { $0.map(String.init) }
    for term in terms {
      guard !term.isEmpty, Set(term).count == term.count,
        term.allSatisfy({ $0.utf8.count == 1 && $0.first?.isLetter == true })
      else { throw mistake }
    }
    guard isLeft == true || terms[0][0] == terms[2][0] else {
      throw Mistake(
        reason: "the first letter of the output is not that of the input's batch",
        hint: "begin input and output with the same letter")
    }
    return (terms, isLeft)
  }
}

/// The product, or the largest number where there is none.
private func product(_ a: Int, _ b: Int) -> Int {
  let (result, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : result
}
