import TensorGraph

/// How far the moving statistics may move what batch renormalization computes from a batch.
///
/// The scale `r` is held between `rmin` and `rmax`, the shift `d` between `-dmax` and `dmax`; what
/// is not set does not bound.
public struct RenormClipping: Sendable, Hashable {
  /// The largest scale.
  public let rmax: Double?
  /// The smallest scale.
  public let rmin: Double?
  /// The largest shift, up or down.
  public let dmax: Double?

  /// Creates bounds; those that are not given are none.
  public init(rmax: Double? = nil, rmin: Double? = nil, dmax: Double? = nil) {
    self.rmax = rmax
    self.rmin = rmin
    self.dmax = dmax
  }

  /// What is wrong with the bounds, or nothing.
  var mistake: String? {
    if [rmax, rmin, dmax].contains(where: { $0?.isNaN == true }) { return "a bound is no number" }
    if let rmax, let rmin, rmax < rmin { return "rmax \(rmax) is below rmin \(rmin)" }
    if let dmax, dmax < 0 { return "dmax \(dmax) is below 0" }
    return nil
  }

  /// `r` and `d` within the bounds.
  func clipped(r: Symbol, d: Symbol) -> (r: Symbol, d: Symbol) {
    var (r, d) = (r, d)
    if let rmin { r = maximum(r, rmin) }
    if let rmax { r = minimum(r, rmax) }
    if let dmax { d = clip(d, -dmax, dmax) }
    return (r, d)
  }
}

/// A dictionary with Keras's keys; others are a mistake.
extension RenormClipping: Codable {
  public init(from decoder: any Decoder) throws {
    var bounds = try decoder.singleValueContainer().decode([String: Double?].self)
    func take(_ key: String) -> Double? { bounds.removeValue(forKey: key) ?? nil }
    self.init(rmax: take("rmax"), rmin: take("rmin"), dmax: take("dmax"))
    if let key = bounds.keys.min() {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "renorm_clipping has rmax, rmin and dmax, not \(key)"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    var bounds: [String: Double] = [:]
    bounds["rmax"] = rmax
    bounds["rmin"] = rmin
    bounds["dmax"] = dmax
    try container.encode(bounds)
  }
}
