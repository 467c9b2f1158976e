import NeuralNetworks

/// Why a graph of ONNX cannot be evaluated.
package enum ONNXError: Error {
  /// The value of an input has to be known before the graph is made, and is not.
  case needsValue(String)
  /// A mistake in the graph, or something Strata cannot do.
  case mistake(String, hint: String? = nil)
  /// The trace has the mistake already.
  case reported

  /// A mistake without a hint.
  static func mistake(_ message: String) -> ONNXError { .mistake(message, hint: nil) }
}
