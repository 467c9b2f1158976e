import FoundationEssentials
import NeuralNetworks

extension Data {
  /// Calls `body` with the bytes; as `withUnsafeBytes`, but with typed errors.
  func withBytes<R>(
    _ body: (UnsafeRawBufferPointer) throws(FormatError) -> R
  ) throws(FormatError) -> R {
    let result = withUnsafeBytes { bytes in
      Result { () throws(FormatError) in try body(bytes) }
    }
    return try result.get()
  }
}
