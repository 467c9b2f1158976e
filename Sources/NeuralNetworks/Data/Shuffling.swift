/// The order in which an epoch visits its samples: it depends on `seed` and `epoch` alone.
package func shuffledOrder(count: Int, seed: UInt64, epoch: Int) -> [Int32] {
  var order = [Int32](0..<Int32(count))
  var generator = SeededGenerator(seed: seed, stream: UInt64(bitPattern: Int64(epoch)))
  order.withUnsafeMutableBufferPointer { order in
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.below(last + 1))
    }
  }
  return order
}
