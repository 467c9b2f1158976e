import Glibc
import TensorGraph

/// Data sets made of a formula and noise: the same for the same seed.
///
/// Inputs are `float32[samples, features]`; targets are class labels `int32[samples]`, or for
/// `sine` numbers `float32[samples, 1]`.
public enum SyntheticData {
  /// Interleaved arms of a spiral, a class each: radius t, angle 2πt·turns and t from 0 to 1.
  public static func spirals(
    samples: Int = 1000, classes: Int = 2, turns: Double = 1.25, noise: Double = 0.03,
    seed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    try labeled(samples, classes: classes, seed: seed) { label, random in
      let t = random.uniform()
      let angle = 2 * .pi * (t * turns + Double(label) / Double(classes))
      return [t * cos(angle) + noise * random.normal(), t * sin(angle) + noise * random.normal()]
    }
  }

  /// Two half circles of radius 1 that reach into each other.
  public static func moons(
    samples: Int = 1000, noise: Double = 0.1, seed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    try labeled(samples, classes: 2, seed: seed) { label, random in
      let angle = .pi * random.uniform()
      let point = label == 0 ? [cos(angle), sin(angle)] : [1 - cos(angle), 0.5 - sin(angle)]
      return point.map { $0 + noise * random.normal() }
    }
  }

  /// A circle of radius 1, class 0, around one of radius 0.5, class 1.
  public static func circles(
    samples: Int = 1000, noise: Double = 0.05, seed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    try labeled(samples, classes: 2, seed: seed) { label, random in
      let (angle, radius) = (2 * .pi * random.uniform(), label == 0 ? 1.0 : 0.5)
      return [radius * cos(angle), radius * sin(angle)].map { $0 + noise * random.normal() }
    }
  }

  /// The square from -1 to 1: class 1 where exactly one coordinate is positive.
  public static func xor(
    samples: Int = 1000, noise: Double = 0.05, seed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    try labeled(samples, classes: 2, seed: seed) { label, random in
      let (x, y) = (random.uniform(), random.uniform())
      let sign = random.below(2) == 0 ? 1.0 : -1.0
      return [sign * x, (label == 0 ? sign : -sign) * y].map { $0 + noise * random.normal() }
    }
  }

  /// Clouds of normally distributed points around centers that lie in the cube from -5 to 5.
  ///
  /// The centers depend on `centerSeed`, so that training and test data can share them.
  public static func blobs(
    samples: Int = 1000, classes: Int = 3, features: Int = 2, deviation: Double = 0.8,
    seed: UInt64 = 0, centerSeed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    guard features > 0 else {
      throw FormatError("blobs need at least one feature", got: "\(features)")
    }
    var random = SeededGenerator(seed: centerSeed, stream: 1)
    let centers = (0..<max(classes, 0)).map { _ in
      (0..<features).map { _ in 10 * random.uniform() - 5 }
    }
    return try labeled(samples, classes: classes, features: features, seed: seed) { label, random in
      centers[label].map { $0 + deviation * random.normal() }
    }
  }

  /// y = sin x with noise, x from -π to π: a regression.
  public static func sine(
    samples: Int = 1000, noise: Double = 0.05, seed: UInt64 = 0
  ) throws(FormatError) -> TrainingData {
    try check(samples)
    var random = SeededGenerator(seed: seed)
    let x = (0..<samples).map { _ in Float(.pi * (2 * random.uniform() - 1)) }
    let y = x.map { Float(sin(Double($0)) + noise * random.normal()) }
    return try TrainingData(x: Tensor([samples, 1], x), y: Tensor([samples, 1], y))
  }

  /// Samples whose classes take turns, each at the place that `point` draws for its label.
  private static func labeled(
    _ samples: Int, classes: Int, features: Int = 2, seed: UInt64,
    _ point: (Int, inout SeededGenerator) -> [Double]
  ) throws(FormatError) -> TrainingData {
    try check(samples)
    guard classes > 0 else {
      throw FormatError("a classification needs at least one class", got: "\(classes)")
    }
    var random = SeededGenerator(seed: seed)
    var x: [Float] = []
    for sample in 0..<samples { x += point(sample % classes, &random).map(Float.init) }
    let y = (0..<samples).map { Int32($0 % classes) }
    return try TrainingData(
      x: Tensor([samples, features], x), y: Tensor([samples], y),
      classNames: (0..<classes).map(String.init))
  }

  private static func check(_ samples: Int) throws(FormatError) {
    guard samples >= 0 else {
      throw FormatError("samples cannot be fewer than 0", got: "\(samples)")
    }
  }
}
