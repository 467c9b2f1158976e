import Glibc
import Synchronization

/// The wish to stop that Ctrl-C (SIGINT) and SIGTERM express.
///
/// `fit` ends after the step it is in, and keeps what was learned. A second signal ends the process
/// at once, as without a handler.
public enum Interruption {
  private static let signals = [SIGINT, SIGTERM]

  /// Whether a signal came since the handler was installed or the last `reset()`.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) != 0 }

  /// The signal that came, or nothing.
  public static var signal: Int32? {
    let signal = requested.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Forgets a signal that came.
  public static func reset() { requested.store(0, ordering: .relaxed) }

  /// Asks for an end of training, as a signal would.
  public static func request() { requested.store(SIGINT, ordering: .relaxed) }

  /// Runs `body` with signals taken as wishes, then gives the signals back.
  public static func handled<R>(_ body: () throws -> R) rethrows -> R {
    reset()  // also makes the flag before a handler can need it
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { requested.store($0, ordering: .relaxed) }
    // The first signal restores the default, so that the second one ends the process.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    var before: [sigaction] = []
    for signal in signals {
      var old = sigaction()
      sigaction(signal, &action, &old)
      before.append(old)
    }
    defer {
      for (signal, var old) in zip(signals, before) { sigaction(signal, &old, nil) }
    }
    return try body()
  }
}

/// The signal that came, or 0: an atomic number is all a signal handler may touch.
private let requested = Atomic<Int32>(0)
