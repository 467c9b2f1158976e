import CPUEngine

extension Dataset {
  /// The dataset with inputs that `layer` prepares in the background, each batch on one thread.
  ///
  ///     let dataset = try texts.batch(32).map(vectorize)
  ///
  /// - Throws: when the number of threads is not positive.
  public func map(
    _ layer: any Layer, isTraining: Bool = true, seed: UInt64? = nil, threads: Int? = nil
  ) throws(FormatError) -> Dataset {
    try map(
      layer, isTraining: isTraining, seed: seed, threads: threads, engine: CPUEngine(threads: 1))
  }
}
