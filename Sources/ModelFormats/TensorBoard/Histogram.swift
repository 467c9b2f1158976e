import NeuralNetworks
import TensorGraph

/// How many of some numbers lie where.
public struct Histogram: Sendable, Hashable {
  /// The numbers from `lower` to `upper`.
  public struct Bucket: Sendable, Hashable {
    /// Where the bucket begins.
    public var lower: Double
    /// Where it ends: the next one begins there. The last one includes its end.
    public var upper: Double
    /// How many numbers lie in it.
    public var count: Double
  }

  /// The buckets in order, each as wide as the others.
  public var buckets: [Bucket]

  /// Counts `numbers` in `bucketCount` buckets between the smallest and the largest one.
  ///
  /// Numbers that are not finite are left out. When all are the same, all buckets are that number,
  /// and the last one counts them, as in TensorBoard.
  public init(_ numbers: [Double], bucketCount: Int = 30) {
    var minimum = Double.infinity, maximum = -Double.infinity, finite = 0.0
    for number in numbers where number.isFinite {
      (minimum, maximum, finite) = (min(minimum, number), max(maximum, number), finite + 1)
    }
    let bucketCount = max(bucketCount, 1)
    guard finite > 0 else {
      buckets = Array(repeating: Bucket(lower: 0, upper: 0, count: 0), count: bucketCount)
      return
    }
    // Between the two, since their difference may be too large for a number.
    func edge(_ index: Int) -> Double {
      let part = Double(index) / Double(bucketCount)
      return minimum * (1 - part) + maximum * part
    }
    buckets = (0..<bucketCount).map { Bucket(lower: edge($0), upper: edge($0 + 1), count: 0) }
    let width = (maximum - minimum) / Double(bucketCount)
    guard width > 0 else {
      buckets[bucketCount - 1].count = finite
      return
    }
    for number in numbers where number.isFinite {
      let place = (number - minimum) / width
      buckets[place < Double(bucketCount - 1) ? Int(place) : bucketCount - 1].count += 1
    }
  }

  init(buckets: [Bucket]) { self.buckets = buckets }
}
