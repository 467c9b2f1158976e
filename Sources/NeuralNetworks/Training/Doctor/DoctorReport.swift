import Glibc

/// What a `Doctor` saw of the layers of a model, epoch by epoch.
public struct DoctorReport: Sendable, Hashable, Codable {
  /// A layer, as the steps of an epoch that were looked at have it.
  public struct LayerReport: Sendable, Hashable, Codable {
    /// The names of the layer and of those around it, joined by `/`.
    public var path: String
    /// ‖weights after the step − before‖ / ‖before‖, the median over steps; nothing without weights
    /// that move.
    public var updateRatio: Double?
    /// The norm of the gradient of all its weights, the median over steps, before any clipping.
    public var gradientNorm: Double?
    /// The norm of all its weights before the last step.
    public var weightNorm: Double?
    /// The share of the units of its rectifiers that were 0 for all samples looked at lately.
    public var deadShare: Double?
    /// The share of the values of its sigmoids, hyperbolic tangents and gates that are so near an
    /// end that the derivative is below about 0.04.
    public var saturatedShare: Double?

    package init(
      path: String, updateRatio: Double? = nil, gradientNorm: Double? = nil,
      weightNorm: Double? = nil, deadShare: Double? = nil, saturatedShare: Double? = nil
    ) {
      self.path = path
      self.updateRatio = updateRatio
      self.gradientNorm = gradientNorm
      self.weightNorm = weightNorm
      self.deadShare = deadShare
      self.saturatedShare = saturatedShare
    }
  }

  /// An epoch.
  public struct EpochReport: Sendable, Hashable, Codable {
    /// The epoch, counted from 0.
    public var epoch: Int
    /// How many steps of it were looked at.
    public var stepCount: Int
    /// The layers that have something to report, in order of computation.
    public var layers: [LayerReport]

    package init(epoch: Int, stepCount: Int, layers: [LayerReport]) {
      self.epoch = epoch
      self.stepCount = stepCount
      self.layers = layers
    }
  }

  /// The epochs of which steps were looked at.
  public package(set) var epochs: [EpochReport] = []
  /// Where numbers became NaN or infinite, if they did.
  public package(set) var breakdown: Doubt?

  package init() {}
}

extension DoctorReport: CustomStringConvertible {
  /// A table of the last epoch: a line for each layer.
  ///
  ///     layer    log10 update/weight   gradient norm    dead   saturated
  ///     dense                   -2.9          0.1207     3 %           –
  public var description: String {
    guard let last = epochs.last else { return "" }
    var rows = [["layer", "log10 update/weight", "gradient norm", "dead", "saturated"]]
    for layer in last.layers {
      rows.append([
        layer.path, layer.updateRatio.map(decade) ?? "–", layer.gradientNorm.map(fourDigits) ?? "–",
        layer.deadShare.map(percent) ?? "–", layer.saturatedShare.map(percent) ?? "–",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// The decimal logarithm of `ratio`, with one digit after the point.
private func decade(_ ratio: Double) -> String {
  ratio > 0 ? "\((log10(ratio) * 10).rounded() / 10)" : "-inf"
}

/// `share` as a whole number of hundredths.
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

/// The middle one of `numbers`, or the mean of the middle two; nothing of nothing.
func median(_ numbers: [Double]) -> Double? {
  let sorted = numbers.sorted(), middle = sorted.count / 2
  guard !sorted.isEmpty else { return nil }
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
