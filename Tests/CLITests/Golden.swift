import ModelFormats
import TensorGraph

/// Arrays that Keras computed.
enum Golden {
  /// The arrays of an archive by name.
  static func arrays(_ path: String) throws -> [String: Tensor] {
    Dictionary(
      try NumPy.archive(path: Sandbox.golden(path)).map { ($0.name, $0.tensor) },
      uniquingKeysWith: { $1 })
  }
}
