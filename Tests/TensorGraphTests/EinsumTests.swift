import TensorGraph
import TestKit
import Testing

@Suite("Einstein sums")
struct EinsumTests {
  /// The sum by its definition: over all values of all letters. Ellipses are not known here.
  private func direct(_ equation: String, _ x: [ReferenceTensor]) -> ReferenceTensor {
    let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",").map(Array.init)
    var sizes: [Character: Int] = [:]
    for (term, x) in zip(terms, x) { for (l, size) in zip(term, x.shape.dims) { sizes[l] = size } }
    let letters = sizes.keys.sorted()
    let output = Array(sides[1])
    var y = ReferenceTensor(Shape(output.map { sizes[$0, default: 0] }), repeating: 0)
    let total = letters.reduce(1) { $0 * sizes[$1, default: 0] }
    for combination in 0..<total {
      var index: [Character: Int] = [:], rest = combination
      for letter in letters {
        let size = sizes[letter, default: 1]
        (index[letter], rest) = (rest % size, rest / size)
      }
      func position(_ labels: [Character], _ shape: Shape) -> Int {
        zip(labels, shape.strides).reduce(0) { $0 + index[$1.0, default: 0] * $1.1 }
      }
      y.numbers[position(output, y.shape)] += zip(terms, x).reduce(1) {
        $0 * $1.1.numbers[position($1.0, $1.1.shape)]
      }
    }
    return y
  }

  @Test(
    "are what their definition says",
    arguments: OperationCase.all.filter {
      $0.name.hasPrefix("einsum") && $0.name.contains("->") && !$0.name.contains("...")
    })
  func values(_ operation: OperationCase) throws {
    let equation = String(operation.name.dropFirst("einsum ".count))
    let result = ReferenceEngine.evaluate(try operation.graph(), operation.inputs)[0]
    let expected = direct(equation, operation.inputs)
    #expect(result.shape == expected.shape)
    for (a, b) in zip(result.numbers, expected.numbers) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("broadcast the axes of the ellipsis")
  func ellipsis() throws {
    let trace = Trace()
    let a = trace.input("a", TensorType(.float32, [2, 1, 2, 3]))
    let b = trace.input("b", TensorType(.float32, [5, 3, 2]))
    let graph = try trace.graph(returning: [einsum("...ij,...jk->...ik", a, b), matmul(a, b)])
    var generator = SeededGenerator(seed: 5)
    let results = ReferenceEngine.evaluate(
      graph, [generator.tensor(a.shape), generator.tensor(b.shape)])
    #expect(results[0].shape == results[1].shape)
    for (a, b) in zip(results[0].numbers, results[1].numbers) { #expect(abs(a - b) < 1e-12) }
  }

  @Test(
    "move as few numbers as they can",
    arguments: [
      ("abc,cd->abd", [[2, 3, 4], [4, 5]], 0), ("abc,cde->abde", [[2, 3, 4], [4, 2, 3]], 0),
      ("abcd,cde->abe", [[2, 3, 2, 4], [2, 4, 3]], 0), ("ij,jk->ki", [[2, 3], [3, 4]], 0),
      ("bhqd,bhkd->bhqk", [[2, 3, 4, 5], [2, 3, 6, 5]], 0),
      ("bqhd,bkhd->bhqk", [[2, 3, 4, 5], [2, 6, 4, 5]], 2),
      ("bhqk,bkhd->bqhd", [[2, 4, 3, 6], [2, 6, 4, 5]], 2),
    ] as [(String, [Shape], Int)])
  func transposes(_ equation: String, _ shapes: [Shape], _ count: Int) throws {
    let trace = Trace()
    let x = shapes.map { trace.input("x", TensorType(.float32, $0)) }
    _ = einsum(equation, x[0], x[1])
    #expect(trace.errors.isEmpty)
    #expect(trace.nodes.count { $0.operation is Transpose } == count)
  }

  @Test(
    "say what is wrong with an equation",
    arguments: [
      "ij,jk->ik", "ij", "iij->j", "ij->k", "i...j...->i", "i2->i", "ijk->k", "", "i->j->k",
    ])
  func mistakes(_ equation: String) throws {
    let trace = Trace()
    let x = trace.input("x", TensorType(.float32, [2, 3]))
    let y = einsum(equation, x)
    #expect(y.isValid == (equation == "ij"))
    #expect(trace.errors.count == (y.isValid ? 0 : 1))
  }

  @Test("refuse sizes that differ")
  func sizes() throws {
    let trace = Trace()
    let a = trace.input("a", TensorType(.float32, [2, 3]))
    let b = trace.input("b", TensorType(.float32, [4, 2]))
    #expect(!einsum("ij,jk->ik", a, b).isValid)
    #expect(trace.errors[0].message == "einsum gives one axis the sizes 3 and 4")
  }
}
