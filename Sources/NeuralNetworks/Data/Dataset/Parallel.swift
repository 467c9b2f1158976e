import Dispatch
import Glibc
import Synchronization

/// How many threads work on a dataset if nothing else is said.
let processorCount = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 64)

/// What `body` gives for 0, 1 and so on, in that order, computed by several threads at once.
func parallel<T: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> T
) -> [Result<T, any Error>] {
  guard threads > 1, count > 1 else {
    return (0..<count).map { index in Result { try body(index) } }
  }
  let results = Mutex([Result<T, any Error>?](repeating: nil, count: count))
  let upcoming = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = upcoming.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = Result { try body(index) }
      results.withLock { $0[index] = result }
    }
  }
  return results.withLock { $0.compactMap { $0 } }
}
