import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension ImageFolder {
  /// The picture of this index: `[height, width, channels]`.
  ///
  /// - Throws: when the index or the size make no sense, or the file cannot be read.
  public func image(_ index: Int) throws(FormatError) -> Tensor {
    try check(count: 1)
    guard files.indices.contains(index) else {
      throw FormatError("there is no picture \(index)", got: "\(files.count) pictures")
    }
    let image = try ImageFile.image(path: files[index].path, colorMode: colorMode)
    return image.fitted(height: imageSize.height, width: imageSize.width, interpolation, dtype)
  }

  /// All pictures, `[samples, height, width, channels]`, with their classes as targets.
  ///
  /// Files are read at the same time, as many as there are cores.
  ///
  /// - Throws: when the size makes no sense, a file cannot be read, or there is not enough memory.
  public func load() throws(FormatError) -> TrainingData {
    try check(count: files.count)
    let shape: Shape = [
      files.count, imageSize.height, imageSize.width, colorMode.channelCount,
    ]
    let x = try Tensor(TensorType(dtype, shape)) { out throws(FormatError) in
      let size = out.count / files.count
      // A part at a time, so that pictures are not all in memory twice.
      for start in stride(from: 0, to: files.count, by: 64) {
        let part = start..<min(start + 64, files.count)
        let images = try concurrentMap(part.count) { offset throws(FormatError) in
          try image(part.lowerBound + offset)
        }
        for (index, image) in zip(part, images) {
          image.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(
              rebasing: out[index * size..<(index + 1) * size]
            ).copyMemory(from: $0)
          }
        }
      }
    }
    return try TrainingData(x: x, y: targets(), classNames: classNames)
  }

  /// The pictures with their classes as a stream: each is read and decoded when it is needed.
  ///
  ///     try model.fit(folder.dataset().shuffle().batch(32), epochs: 10)
  ///
  /// - Returns: samples of a picture `[height, width, channels]` and its target.
  /// - Throws: when the settings make no sense.
  public func dataset() throws(FormatError) -> Dataset {
    try check(count: files.count)
    let targets = try targets()
    return try Dataset(count: files.count) { [self] index in
      let target = targets.rows(index..<index + 1)
      return Sample(
        try image(index), target.reshaped(Shape(Array(target.shape.dims.dropFirst()))))
    }
  }

  /// The classes of the pictures as targets.
  ///
  /// - Throws: when `labelMode` is `.binary` and there are not two classes.
  public func targets() throws(FormatError) -> Tensor {
    switch labelMode {
    case .int: return Tensor([files.count], files.map { Int32($0.label) })
    case .binary:
      guard classNames.count == 2 else {
        throw FormatError(
          "binary labels need two classes", got: classNames.joined(separator: ", "),
          hint: "take labels of the mode int or categorical")
      }
      return Tensor([files.count, 1], files.map { Float($0.label) })
    case .categorical:
      var numbers = [Float](repeating: 0, count: files.count * classNames.count)
      for (index, file) in files.enumerated() {
        numbers[index * classNames.count + file.label] = 1
      }
      return Tensor([files.count, classNames.count], numbers)
    }
  }

  private func check(count: Int) throws(FormatError) {
    guard (1...1 << 16).contains(imageSize.height), (1...1 << 16).contains(imageSize.width) else {
      throw FormatError(
        "pictures cannot have the size \(imageSize.height) by \(imageSize.width)",
        hint: "sizes lie between 1 and 65536")
    }
    guard dtype == .float32 || dtype == .uint8 else {
      throw FormatError("pictures are float32 or uint8", got: dtype.rawValue)
    }
    let sizes = [count, imageSize.height, imageSize.width, colorMode.channelCount]
    guard let count = elementCount(sizes, itemSize: dtype.byteCount),
      count * dtype.byteCount <= PhysicalMemory.byteCount
    else {
      throw FormatError(
        "the pictures do not fit into memory", got: "\(dtype)\(Shape(sizes))",
        hint: "make them smaller or of the type uint8, or read them one by one with image(_:)")
    }
  }
}

extension Tensor {
  /// The picture `uint8[height, width, channels]` in another size and type, `float32` or `uint8`.
  package func fitted(
    height: Int, width: Int, _ interpolation: Interpolation = .bilinear, _ dtype: DType = .uint8
  ) -> Tensor {
    if dtype == .uint8, (shape[0], shape[1]) == (height, width) { return self }
    let floats = Tensor(TensorType(.float32, [height, width, shape[2]])) { out in
      resized(
        height: height, width: width, interpolation: interpolation,
        into: out.bindMemory(to: Float.self))
    }
    guard dtype == .uint8 else { return floats }
    return Tensor(
      floats.shape,
      floats.scalars(as: Float.self).map {
        UInt8(min(max($0.rounded(.toNearestOrEven), 0), 255))
      })
  }
}
