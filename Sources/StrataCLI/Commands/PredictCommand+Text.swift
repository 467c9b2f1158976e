import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

extension PredictCommand {
  /// Prints the outputs sample by sample.
  func show(_ outputs: [Tensor], _ names: [String]) throws {
    let classNames = try labels.map(classNames)
    if let top { try check(outputs, top, classNames) }
    let rows = outputs.map { output in
      let isText = output.dtype == .string
      return (
        isText ? [] : output.numbers, isText ? output.strings : [],
        output.shape.dims.dropFirst().reduce(1, *)
      )
    }
    for sample in 0..<(outputs.first?.shape.dims.first ?? 0) {
      var members: [(name: String, value: JSON)] = [("sample", .int(sample))]
      var texts: [String] = []
      for (name, (numbers, strings, width)) in zip(names, rows) {
        guard strings.isEmpty else {
          let row = strings[sample * width..<(sample + 1) * width]
          members.append((outputs.count == 1 ? "output" : name, .array(row.map { .string($0) })))
          texts += row
          continue
        }
        let row = numbers[sample * width..<(sample + 1) * width]
        if let top {
          let best = largest(top, Array(row))
          members.append(("top", .array(best.map { entry($0.offset, $0.element, classNames) })))
          texts += best.map {
            "\(classNames?[$0.offset] ?? "\($0.offset)") \(Console.short($0.element))"
          }
        } else {
          let key = outputs.count == 1 ? "output" : name
          members.append((key, .array(row.map { .number($0) })))
          texts += row.map(Console.short)
        }
      }
      Console.write(json ? "\(JSON.object(members))" : texts.joined(separator: "  "))
    }
  }

  /// The `count` largest of `numbers` with their places, the largest first, equal ones in order.
  private func largest(_ count: Int, _ numbers: [Double]) -> [(offset: Int, element: Double)] {
    Array(
      numbers.enumerated().sorted { a, b in
        a.element != b.element ? a.element > b.element : a.offset < b.offset
      }.prefix(count))
  }

  private func entry(_ index: Int, _ value: Double, _ names: [String]?) -> JSON {
    .object(
      [("class", .int(index))] + (names.map { [("label", .string($0[index]))] } ?? [])
        + [("value", .number(value))])
  }

  /// The names in a file, one a line.
  private func classNames(_ path: String) throws(FormatError) -> [String] {
    let text = String(decoding: try Files.contents(of: path), as: UTF8.self)
    var names = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.hasSuffix("\r") ? String($0.dropLast()) : String($0)
    }
    while names.last == "" { names.removeLast() }
    return names
  }

  private func check(
    _ outputs: [Tensor], _ top: Int, _ classNames: [String]?
  ) throws(FormatError) {
    guard outputs.count == 1, outputs[0].shape.rank == 2, outputs[0].dtype != .string else {
      throw FormatError(
        "--top needs one output of numbers of shape [samples, classes]",
        got: outputs.map(\.type.description).joined(separator: ", "))
    }
    let classes = outputs[0].shape[1]
    guard top <= classes else {
      throw FormatError("--top \(top) asks for more classes than there are", got: "\(classes)")
    }
    if let classNames, classNames.count != classes {
      throw FormatError(
        "there are \(classes) classes and \(classNames.count) names", file: labels,
        hint: "write the name of each class on a line of its own, in order")
    }
  }
}
