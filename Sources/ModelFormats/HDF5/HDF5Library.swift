import CHDF5
import Dispatch
import NeuralNetworks
import Synchronization

/// Access to the HDF5 library, which must not be called by two threads at a time.
enum HDF5Library {
  // A lock that lends its work to no other thread; the work is not sendable, which Mutex asks for.
  private static let queue = DispatchQueue(label: "strata.hdf5")

  /// Calls `body` while no other thread uses the library.
  static func withLock<R>(_ body: () throws(FormatError) -> R) throws(FormatError) -> R {
    let result = queue.sync {
      Result { () throws(FormatError) in
        hdf5_silence_errors()
        return try body()
      }
    }
    return try result.get()
  }

  /// A name that no other open file in memory has; the library tells files apart by their names.
  static func uniqueName() -> String { "memory-\(opened.add(1, ordering: .relaxed).newValue)" }

  private static let opened = Atomic(0)

  /// What the library said about its last failure.
  static var lastError: String? {
    var text = [CChar](repeating: 0, count: 200)
    hdf5_error_message(&text, text.count)
    let message = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return message.isEmpty ? nil : message
  }
}

/// An object of the library that is closed with its owner. Needs the lock for all its life.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  /// Takes over `id`, or throws `message` when it says that a call failed.
  init(
    _ id: hid_t, _ close: @escaping (hid_t) -> herr_t, orThrow message: @autoclosure () -> String
  ) throws(FormatError) {
    guard id >= 0 else { throw FormatError(message(), got: HDF5Library.lastError) }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

/// Throws `message` when `status` says that a call failed.
func check(_ status: herr_t, _ message: @autoclosure () -> String) throws(FormatError) {
  guard status >= 0 else { throw FormatError(message(), got: HDF5Library.lastError) }
}
