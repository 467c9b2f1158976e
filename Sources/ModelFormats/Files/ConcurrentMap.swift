import Dispatch
import Synchronization

/// What `body` makes of each number below `count`, on all cores; if it throws, the error of the
/// smallest number.
func concurrentMap<R: Sendable, E: Error>(
  _ count: Int, _ body: @Sendable (Int) throws(E) -> R
) throws(E) -> [R] {
  let results = Mutex<[Result<R, E>?]>(Array(repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Result { () throws(E) in try body(index) }
    results.withLock { $0[index] = result }
  }
  var values: [R] = []
  values.reserveCapacity(count)
  for result in results.withLock({ $0 }) {
    if let value = try result?.get() { values.append(value) }
  }
  return values
}
