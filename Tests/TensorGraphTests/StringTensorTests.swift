import TensorGraph
import Testing

@Suite("Tensors of strings")
struct StringTensorTests {
  let words = ["", "a", "Äpfel 🍎", "", "x\0y", String(repeating: "long ", count: 10_000)]

  @Test("What goes in comes out, and is one block of memory")
  func roundTrip() {
    let tensor = Tensor([2, 3], words)
    #expect(tensor.type == TensorType(.string, [2, 3]))
    #expect(tensor.strings == words)
    #expect(tensor.byteCount == 7 * 8 + words.reduce(0) { $0 + $1.utf8.count })
    #expect(tensor.reshaped([6]).strings == words)
    #expect(tensor.rows(1..<2).strings == Array(words[3...]))
    #expect(tensor.rows(0..<0).strings == [])
    #expect(Tensor(zeros: TensorType(.string, [3])).strings == ["", "", ""])
    #expect(Tensor("one").strings == ["one"])
    #expect(Tensor([String]()).count == 0)
    #expect(tensor.description.contains("string[2, 3] [\"\", \"a\""))
    #expect(tensor == Tensor([2, 3], words) && tensor != Tensor([2, 3], words.reversed()))
  }

  @Test("Bytes that are no UTF-8 are kept, and shown as what they are not")
  func invalid() {
    let tensor = Tensor([2], utf8: [[0xff, 0x61], [0xc3]])
    #expect(tensor.withStrings { Array($0[0]) } == [0xff, 0x61])
    #expect(tensor.strings == ["\u{fffd}a", "\u{fffd}"])
  }

  @Test("A written copy leaves the original alone")
  func copies() {
    let tensor = Tensor(words)
    var copy = tensor
    copy.withUnsafeMutableBytes { $0[$0.count - 1] = 33 }
    #expect(tensor.strings == words)
    #expect(copy.strings.last?.last == "!")
  }

  @Test("Nothing computes with strings")
  func mistakes() {
    func message(_ body: (Symbol) -> Symbol) -> String {
      let trace = Trace()
      let y = body(trace.input("x", TensorType(.string, [2, 1])))
      do {
        _ = try trace.graph(returning: [y])
        return "no mistake"
      } catch { return error.description }
    }
    for body: (Symbol) -> Symbol in [
      { $0 + $0 }, { $0.cast(to: .float32) }, { $0.reshaped([2]) },
      { concatenate([$0, $0], axis: 0) },
      { $0.sum() }, { $0 .== $0 }, { $0.transposed([1, 0]) }, { $0.gathered(at: $0) },
    ] {
      let text = message(body)
      #expect(text.contains("cannot compute with strings") && text.contains("help"), "\(text)")
    }
    #expect(message { $0.trace.constant(Tensor(["a"])) }.contains("no constants of strings"))
    #expect(
      message { $0.trace.constant(1).cast(to: .string) }.contains("cannot be cast to strings"))
  }
}
