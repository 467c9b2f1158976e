import NeuralNetworks
import TensorGraph

/// How a file calls the weights of layers, and how it lays them out.
public enum WeightConvention: String, Sendable, CaseIterable {
  /// As Keras and Strata: `dense/kernel`, `[features, units]`.
  case keras
  /// As PyTorch: `dense.weight`, `[units, features]`.
  ///
  /// `kernel` is `weight`, whose axes are turned: `[out, in]`, and `[out, in, height, width]` for a
  /// convolution. Heads of attention are one axis there and two here. `gamma`, `beta`,
  /// `moving_mean` and `moving_variance` are `weight`, `bias`, `running_mean` and `running_var`,
  /// `embeddings` is `weight`. PyTorch's recurrent layers keep their gates and biases in another
  /// way: give such weights by a closure.
  case pyTorch

  /// What a file calls the weight at `path`: the longest beginning of the path that `renaming` has
  /// is replaced, the rest follows.
  func name(of path: String, renaming: [String: String]) -> String {
    let names = path.split(separator: "/").map(String.init)
    for count in names.indices.reversed().map({ $0 + 1 }) {
      guard let start = renaming[names.prefix(count).joined(separator: "/")] else { continue }
      return joined((start.isEmpty ? [] : [start]) + translated(names.dropFirst(count)))
    }
    return joined(translated(names[...]))
  }

  private func joined(_ names: [String]) -> String {
    names.joined(separator: self == .keras ? "/" : ".")
  }

  /// `names` with the last one, that of the weight, in the words of the file.
  private func translated(_ names: ArraySlice<String>) -> [String] {
    guard self == .pyTorch, let last = names.last else { return Array(names) }
    let word =
      switch last {
      case "kernel", "gamma", "embeddings": "weight"
      case "beta": "bias"
      case "moving_mean": "running_mean"
      case "moving_variance": "running_var"
      default: last
      }
    return names.dropLast() + [word]
  }

  /// `tensor` of a file as a weight at `path` of `shape`, where it can be one.
  func weight(_ tensor: Tensor, at path: String, _ shape: Shape) -> Tensor {
    guard self == .pyTorch else { return tensor }
    var result = tensor
    if path.hasSuffix("kernel"), tensor.shape.rank > 1 {
      result = tensor.transposed(Array(2..<tensor.shape.rank) + [1, 0])
    }
    return Self.areGroups(result.shape, shape) ? result.reshaped(shape) : result
  }

  /// Whether one of two shapes has the other with neighboring axes joined.
  private static func areGroups(_ a: Shape, _ b: Shape) -> Bool {
    func products(_ shape: Shape) -> Set<Int> {
      var product = 1
      return Set(
        shape.dims.map {
          product *= $0
          return product
        })
    }
    guard a.count == b.count, a.count > 0 else { return false }
    let (first, second) = (products(a), products(b))
    return first.union([1]).isSuperset(of: second) || second.union([1]).isSuperset(of: first)
  }
}
