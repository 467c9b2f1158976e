import ModelFormats
import NeuralNetworks
import TensorGraph

/// A sample as commands take it: files of arrays, or the numbers themselves, `0.9,0.4,0.1`.
enum SampleArgument {
  /// The inputs of `model` that `arguments` give, of an array with several samples the first.
  static func inputs(_ arguments: [String], of model: Model) throws -> [Tensor] {
    if arguments.count == 1, let numbers = numbers(arguments[0]) {
      guard let input = model.inputs.first, model.inputs.count == 1 else {
        throw FormatError(
          "\(model.name) has \(model.inputs.count) inputs",
          hint: "give a file for each: "
            + model.structure.inputNames.map { "--x \($0)=FILE" }
            .joined(separator: " "))
      }
      let sizes = input.shape.map { $0 ?? numbers.count }
      guard sizes.reduce(1, *) == numbers.count else {
        throw FormatError(
          "a sample of \(model.name) has the shape \(Shape(sizes))", got: "\(numbers.count) numbers"
        )
      }
      return [Tensor(TensorType(input.dtype, Shape([1] + sizes)), numbers: numbers)]
    }
    let inputs = try ArrayFiles(arguments, option: "--x").ordered(for: model)
    return try zip(inputs, model.inputs).map { tensor, input in
      guard tensor.shape.rank == input.shape.count + 1 else { return tensor }
      guard tensor.shape[0] > 0 else {
        throw FormatError("there is no sample", got: "\(tensor.type)")
      }
      return tensor.rows(0..<1)
    }
  }

  private static func numbers(_ text: String) -> [Double]? {
    guard !Files.exists(text) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in Double(part.filter { $0 != " " }) }
    return numbers.count == parts.count ? numbers : nil
  }
}
