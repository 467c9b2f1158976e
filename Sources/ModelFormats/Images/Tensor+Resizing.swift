import NeuralNetworks
import TensorGraph

extension Tensor {
  /// The picture `uint8[height, width, channels]` in another size, written to `out` as floats.
  ///
  /// As Keras's `image_dataset_from_directory` resizes: pixel `i` of `n` lies at `(i + ½) · size /
  /// n − ½` of the original, and there is nothing against aliasing.
  func resized(
    height: Int, width: Int, interpolation: Interpolation,
    into out: UnsafeMutableBufferPointer<Float>
  ) {
    let (oldHeight, oldWidth, channels) = (shape[0], shape[1], shape[2])
    withUnsafeBytes { bytes in
      guard (oldHeight, oldWidth) != (height, width) else {
        for index in bytes.indices { out[index] = Float(bytes[index]) }
        return
      }
      let rows = interpolation.taps(from: oldHeight, to: height)
      let columns = interpolation.taps(from: oldWidth, to: width)
      let rowCount = oldWidth * channels
      var row = [Float](repeating: 0, count: rowCount)
      row.withUnsafeMutableBufferPointer { row in
        for (y, taps) in rows.enumerated() {
          row.update(repeating: 0)
          for (offset, weight) in taps.weights.enumerated() where weight != 0 {
            let start = (taps.first + offset) * rowCount
            for index in 0..<rowCount { row[index] += weight * Float(bytes[start + index]) }
          }
          for (x, taps) in columns.enumerated() {
            let target = (y * width + x) * channels
            for channel in 0..<channels {
              var sum: Float = 0
              for (offset, weight) in taps.weights.enumerated() {
                sum += weight * row[(taps.first + offset) * channels + channel]
              }
              out[target + channel] = sum
            }
          }
        }
      }
    }
  }
}
