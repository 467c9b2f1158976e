import TensorGraph

/// A metric made of a confusion matrix: how often the class `i` was taken for the class `j`.
protocol ConfusionMatrixMetric: Metric {
  /// How many classes there are.
  var numClasses: Int { get }
  /// The classes whose overlaps are averaged.
  var averagedClasses: [Int] { get }
  /// A class whose targets do not count.
  var ignoreClass: Int? { get }
  /// Whether targets are classes, not a number for each class.
  var sparseYTrue: Bool { get }
  /// Whether predictions are classes, not a number for each class.
  var sparseYPred: Bool { get }
  /// The axis of the classes of what is not sparse.
  var axis: Int { get }
}

extension ConfusionMatrixMetric {
  public var targets: TargetForm { sparseYTrue && !sparseYPred ? .labels() : .numbers }

  /// What is wrong with the classes, if anything is.
  var classMistake: String? {
    if !(1...4096).contains(numClasses) {
      return "\(className) needs from 1 to 4096 classes, not \(numClasses)"
    }
    if averagedClasses.isEmpty { return "\(className) needs at least 1 target class" }
    return averagedClasses.first { !(0..<numClasses).contains($0) }.map {
      "\(className) has the target class \($0), but there are \(numClasses) classes"
    }
  }

  public func states(_ prediction: [Int?]) -> [MetricState] {
    [MetricState("total_confusion_matrix", [numClasses, numClasses])]
  }

  /// The classes of targets and of predictions have to be of one shape; a last axis of 1 does not
  /// matter.
  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return target.trace.invalid }
    func shape(_ symbol: Symbol, isSparse: Bool) -> Shape? {
      guard !isSparse else { return symbol.shape }
      guard let place = symbol.shape.axis(axis), symbol.shape[place] > 0 else {
        symbol.trace.fail(
          "\(className) has the classes along axis \(axis), which does not fit",
          operands: [target.type, prediction.type],
          hint: "sparse_y_true and sparse_y_pred say that there are classes, and no such axis")
        return nil
      }
      return symbol.shape.removing(place)
    }
    guard let wanted = shape(prediction, isSparse: sparseYPred),
      let given = shape(target, isSparse: sparseYTrue)
    else { return target.trace.invalid }
    if given == wanted { return target }
    if sparseYTrue, given.dims == wanted.dims + [1] || given.dims + [1] == wanted.dims {
      return target.reshaped(wanted)
    }
    return target.trace.fail(
      "\(className) has targets of \(given) classes for predictions of \(wanted)",
      operands: [target.type, prediction.type],
      hint: sparseYPred && sparseYTrue
        ? "predictions with a number for each class need sparse_y_pred false"
        : "targets with a number for each class need sparse_y_true false")
  }

  public func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    updated(
      states, classes(target, isSparse: sparseYTrue),
      classes(prediction, isSparse: sparseYPred).masked(by: nil), prediction,
      sampleWeight: sampleWeight)
  }

  /// The matrix after a batch of classes, `int32`, −1 where there is none.
  func updated(
    _ states: [Symbol], _ target: Symbol, _ predicted: Symbol, _ prediction: Symbol,
    sampleWeight: Symbol?
  ) -> [Symbol] {
    guard target.isValid, predicted.isValid else { return states.map { _ in target.trace.invalid } }
    let shape = predicted.shape
    var counts = (target .>= 0) .& (predicted .>= 0)
    if let ignoreClass { counts = counts .& (target .!= Double(ignoreClass)) }
    let place = select(counts, target * Double(numClasses) + predicted, -1)
    let weight = weights(
      of: place.cast(to: .float32), prediction.masked(by: prediction.mask),
      sampleWeight: sampleWeight)
    // float32 counts a batch exactly, but does not add weights so.
    let dtype: DType = weight == nil && shape.count < 1 << 24 ? .float32 : .float64
    let amount =
      weight.map { $0.cast(to: dtype).broadcast(to: shape) }
      ?? place.trace.constant(1, shape, dtype: dtype)
    // What has no place is dropped.
    let matrix = amount.reshaped([shape.count])
      .scattered(at: place.reshaped([shape.count]), size: numClasses * numClasses)
    return [states[0] + matrix.reshaped([numClasses, numClasses]).cast(to: .float64)]
  }

  /// The classes of `x`, −1 for those that do not exist.
  private func classes(_ x: Symbol, isSparse: Bool) -> Symbol {
    guard x.isValid else { return x }
    if !isSparse {
      let classes = x.argmax(axis: x.shape.axis(axis) ?? axis)
      return select(classes .< Double(numClasses), classes, -1)
    }
    // Fractions are cut off, as in Keras; what is no number is no class.
    let isClass = (x .> -1) .& (x .< Double(numClasses))
    return select(isClass, x, -1).cast(to: .int32)
  }

  /// The mean over the averaged classes that occur of how much of what is or is said to be the
  /// class is both.
  public func result(_ states: [[Double]]) -> [Double] {
    let n = numClasses, matrix = states[0]
    let overlaps = averagedClasses.compactMap { c -> Double? in
      let row = (0..<n).reduce(0) { $0 + matrix[c * n + $1] }
      let column = (0..<n).reduce(0) { $0 + matrix[$1 * n + c] }
      let both = matrix[c * n + c], any = row + column - both
      return any > 1e-9 ? both / (any + smallest) : nil
    }
    return [overlaps.reduce(0, +) / (Double(overlaps.count) + smallest)]
  }
}
