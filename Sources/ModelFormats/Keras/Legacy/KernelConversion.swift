import NeuralNetworks
import TensorGraph

/// Makes the arrays of older files what layers of today hold.
///
/// cuDNN's own recurrent layers of Keras 2 (`CuDNNGRU`, `CuDNNLSTM`) keep the kernel of each gate
/// the other way around, and two biases. Theano's convolutions turn kernels around.
struct KernelConversion {
  private let model: Model
  private let backend: String?

  init(_ model: Model, backend: String?) {
    self.model = model
    self.backend = backend
  }

  /// The order of the weights of `layer` that `values` have.
  func order(of values: [Tensor], in layer: LegacyLayout.Layer) -> [Int] {
    func fits(_ order: [Int]) -> Bool {
      zip(order, values).allSatisfy { model.declarations[$0].type.shape == $1.shape }
    }
    return !fits(layer.weights) && fits(layer.byLayer) ? layer.byLayer : layer.weights
  }

  /// `arrays` as the weights of `layer`, as far as they are of a form that is known.
  func converted(_ arrays: [Tensor], for layer: LegacyLayout.Layer) -> [Tensor] {
    guard arrays.count == layer.weights.count else { return arrays }
    var values = arrays
    var places: [String: Int] = [:]
    for (place, weight) in layer.weights.enumerated() {
      places[model.declarations[weight].path] = place
    }
    for (place, weight) in layer.weights.enumerated() {
      let declaration = model.declarations[weight]
      let prefix = declaration.path.split(separator: "/").dropLast().joined(separator: "/") + "/"
      if declaration.path.hasSuffix("/bias"), let kernel = places[prefix + "kernel"],
        let recurrent = places[prefix + "recurrent_kernel"],
        values[place].shape.rank == 1, let gates = Self.gates(of: values[recurrent].shape),
        values[place].shape[0] == 2 * gates * values[recurrent].shape[0],
        values[kernel].shape.rank == 2, values[kernel].shape[1] == values[recurrent].shape[1]
      {
        values[kernel] = Self.transposed(values[kernel], gates: gates)
        values[recurrent] = Self.transposed(values[recurrent], gates: gates)
        values[place] = Self.bias(values[place], declaration.type.shape)
      }
      if backend == "theano", declaration.path.hasSuffix("kernel"), isConvolution(prefix) {
        values[place] = Self.turned(values[place])
      }
    }
    return values
  }

  /// The number of gates of a recurrent kernel that cuDNN may have: 3 of a GRU, 4 of an LSTM.
  private static func gates(of recurrent: Shape) -> Int? {
    guard recurrent.rank == 2, recurrent[0] > 0 else { return nil }
    return [3, 4].first { $0 * recurrent[0] == recurrent[1] }
  }

  /// The kernels of the gates, side by side `[rows, gates · units]`, of which each is kept as
  /// `[units, rows]`.
  private static func transposed(_ kernel: Tensor, gates: Int) -> Tensor {
    let (rows, columns) = (kernel.shape[0], kernel.shape[1])
    let units = columns / gates
    let numbers = kernel.cast(to: .float32).scalars(as: Float.self)
    var result = numbers
    for gate in 0..<gates {
      for row in 0..<rows {
        for unit in 0..<units {
          // The element of the gate's memory read as [units, rows] in place of [rows, units].
          let place = unit * rows + row
          result[row * columns + gate * units + unit] =
            numbers[place / units * columns + gate * units + place % units]
        }
      }
    }
    return Tensor(kernel.shape, result)
  }

  /// The two biases of cuDNN: apart in a GRU that resets after its product, or else added.
  private static func bias(_ bias: Tensor, _ shape: Shape) -> Tensor {
    if shape.count == bias.shape.count { return bias.reshaped(shape) }
    let numbers = bias.cast(to: .float32).scalars(as: Float.self)
    let half = numbers.count / 2
    return Tensor([half], (0..<half).map { numbers[$0] + numbers[$0 + half] })
  }

  private func isConvolution(_ prefix: String) -> Bool {
    let path = prefix.dropLast()
    return model.structure.layers.contains {
      $0.path == path && $0.layer.className.hasPrefix("Conv")
    }
  }

  /// `kernel` with its spatial axes, all but the last two, turned around.
  private static func turned(_ kernel: Tensor) -> Tensor {
    guard kernel.shape.rank > 2 else { return kernel }
    let numbers = kernel.cast(to: .float32).scalars(as: Float.self)
    let inner = kernel.shape.dims.suffix(2).reduce(1, *)
    guard inner > 0 else { return kernel }
    let outer = numbers.count / inner
    var result: [Float] = []
    result.reserveCapacity(numbers.count)
    for place in (0..<outer).reversed() { result += numbers[place * inner..<(place + 1) * inner] }
    return Tensor(kernel.shape, result)
  }
}
