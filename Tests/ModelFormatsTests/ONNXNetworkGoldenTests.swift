import Foundation
import ModelFormats
import Strata
import Testing

/// Operators of networks with attributes that ONNX's own test cases leave out, in onnxruntime and
/// here: `Scripts/golden/onnx_networks.py` writes them.
@Suite struct ONNXNetworkGoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let model: Data
    let inputs: [Tensor]
    let outputs: [Tensor]
    var testDescription: String { name }
  }

  static func cases() throws -> [Case] {
    let arrays = Dictionary(
      uniqueKeysWithValues: try NumPy.archive(path: "Tests/Golden/onnx_networks/cases.npz")
        .map { ($0.name, $0.tensor) })
    func list(_ prefix: String) -> [Tensor] {
      (0...).lazy.map { arrays["\(prefix).\($0)"] }.prefix { $0 != nil }.compactMap(\.self)
    }
    return arrays.keys.filter { $0.hasSuffix(".model") }.sorted().compactMap { key in
      let name = String(key.dropLast(6))
      return arrays[key].map {
        Case(
          name: name, model: Data($0.scalars(as: UInt8.self)), inputs: list("\(name).input"),
          outputs: list("\(name).output"))
      }
    }
  }

  @Test("Operators give what they give in onnxruntime")
  func operators() throws {
    let cases = try Self.cases()
    #expect(cases.count >= 90)
    for golden in cases {
      let outputs: [Tensor]
      do {
        let model = try ONNXModel(golden.model)
        outputs = Array(
          try model.run(
            Dictionary(uniqueKeysWithValues: zip(model.inputNames, golden.inputs)),
            engine: CPUEngine(threads: 1)
          ).values)
      } catch {
        Issue.record("\(golden.name): \(error)")
        continue
      }
      #expect(outputs.count == golden.outputs.count, "\(golden.name)")
      for (index, (got, expected)) in zip(outputs, golden.outputs).enumerated() {
        #expect(got.type == expected.type, "\(golden.name), output \(index)")
        guard got.type == expected.type else { continue }
        let places = zip(got.numbers, expected.numbers).enumerated().filter { _, pair in
          !(abs(pair.0 - pair.1) <= 1e-5 + 1e-4 * abs(pair.1))
        }
        #expect(
          places.isEmpty,
          "\(golden.name), output \(index): \(places.count) of \(got.count), first \(places.first.map { "\($0)" } ?? "")"
        )
      }
    }
  }
}
