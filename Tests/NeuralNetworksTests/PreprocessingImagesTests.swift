import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers that move, cut, blur and erase parts of images")
struct PreprocessingImagesTests {
  typealias Layers = ColorLayers

  /// One of each that draws for each image.
  static let random: [any RandomAugmentation] = [
    RandomFlip(), RandomRotation(0.4), RandomZoom(0.5), RandomZoom(0.3, [0.1, 0.6]),
    RandomTranslation(0.4, [0.1, 0.5]), RandomShear(0.5, 0.5),
    RandomPerspective([1, 1], scale: 0.6), RandomElasticTransform([1, 1], scale: [0.5, 1]),
    RandomErasing([1, 1]), RandomErasing([1, 1], fillValue: 7),
  ]
  /// Those that draw for the whole batch.
  static let others: [any RandomAugmentation] = [
    RandomCrop(7, 6), RandomGaussianBlur([1, 1], kernelSize: [5, 3], sigma: [0.5, 1]),
  ]

  @Test("Seed and step decide what is drawn")
  func seeds() throws {
    let x = Layers.images([8, 24, 21, 3])
    for layer in Self.random + Self.others {
      let y = try Layers.run(layer, x)[0].numbers
      #expect(try Layers.run(layer, x)[0].numbers == y, "\(layer.className)")
      #expect(try Layers.run(layer, x, step: 1)[0].numbers != y, "\(layer.className)")
      #expect(try Layers.run(layer, x, seed: 2)[0].numbers != y, "\(layer.className)")
      #expect(y != x.numbers && y.allSatisfy(\.isFinite), "\(layer.className)")
    }
  }

  @Test("Each image is drawn for on its own")
  func independence() throws {
    let one = Layers.images([1, 20, 21, 2])
    let x = Tensor(
      TensorType(.float32, [6, 20, 21, 2]), numbers: (0..<6).flatMap { _ in one.numbers })
    for layer in Self.random {
      let y = try Layers.run(layer, x)[0].numbers
      let images = (0..<6).map { Array(y[$0 * y.count / 6..<($0 + 1) * y.count / 6]) }
      // Of flips there are only two.
      #expect(Set(images).count >= (layer is RandomFlip ? 2 : 6), "\(layer.className)")
    }
    for layer in Self.others {
      let y = try Layers.run(layer, x)[0].numbers
      #expect(Array(y[..<(y.count / 6)]) == Array(y[(y.count / 6)...].prefix(y.count / 6)))
    }
  }

  @Test("One image is a batch of one, and inference changes nothing")
  func single() throws {
    let shape: Shape = [19, 22, 3]
    let x = Layers.images(shape),
      batch = Tensor(
        TensorType(.float32, [1, 19, 22, 3]), numbers: x.numbers)
    for layer in Self.random + Self.others {
      let y = try Layers.run(layer, x)[0], whole = try Layers.run(layer, batch)[0]
      #expect(y.numbers == whole.numbers, "\(layer.className)")
      #expect(Shape([1] + y.shape.dims) == whole.shape, "\(layer.className)")
      for input in [x, batch] {
        let still = try Layers.run(layer, input, isTraining: false)[0]
        #expect(still.type == input.type && still.numbers == input.numbers, "\(layer.className)")
      }
    }
  }

  @Test("Bytes become floats")
  func bytes() throws {
    let bytes = Tensor([2, 9, 8, 3], (0..<432).map { UInt8($0 * 7 % 256) })
    let floats = Tensor(TensorType(.float32, bytes.shape), numbers: bytes.numbers)
    for layer in Self.random + Self.others {
      for isTraining in [false, true] {
        let y = try Layers.run(layer, bytes, isTraining: isTraining)[0]
        #expect(y.dtype == .float32, "\(layer.className)")
        #expect(y.numbers == (try Layers.run(layer, floats, isTraining: isTraining)[0].numbers))
      }
    }
    #expect(try Layers.run(CenterCrop(2, 2), bytes)[0].dtype == .float32)
    #expect(try Layers.run(Resizing(2, 2), bytes)[0].dtype == .uint8)
    // Cubics overshoot: what is beyond a byte is held within it.
    let edges = Tensor([1, 1, 6, 1], [UInt8(0), 0, 255, 255, 0, 0])
    let wide = try Layers.run(Resizing(1, 24, interpolation: .bicubic), edges)[0]
    #expect(wide.numbers.max() == 255 && wide.numbers.min() == 0)
  }

  @Test("Channels first is the same transposed")
  func channelsFirst() throws {
    let x = Layers.images([3, 2, 20, 22])
    func last(_ x: Tensor) -> [Double] {
      let (h, w) = (x.shape[2], x.shape[3])
      return (0..<3).flatMap { b in
        (0..<h * w).flatMap { place in (0..<2).map { x.numbers[(b * 2 + $0) * h * w + place] } }
      }
    }
    let transposed = Tensor(TensorType(.float32, [3, 20, 22, 2]), numbers: last(x))
    let pairs: [(any NamedLayer, any NamedLayer)] = [
      (RandomRotation(0.4), RandomRotation(0.4, options: [.dataFormat(.channelsFirst)])),
      (RandomCrop(5, 4), RandomCrop(5, 4, options: [.dataFormat(.channelsFirst)])),
      (
        RandomElasticTransform([1, 1]),
        RandomElasticTransform([1, 1], options: [.dataFormat(.channelsFirst)])
      ),
      (
        RandomErasing(fillValue: [1, 2]),
        RandomErasing(fillValue: [1, 2], options: [.dataFormat(.channelsFirst)])
      ),
      (
        RandomPerspective([1, 1]),
        RandomPerspective([1, 1], options: [.dataFormat(.channelsFirst)])
      ),
    ]
    for (plain, first) in pairs {
      let y = try Layers.run(first, x)[0]
      #expect(last(y) == (try Layers.run(plain, transposed)[0].numbers), "\(plain.className)")
    }
  }

  @Test("Shapes, configurations and gradients")
  func citizens() throws {
    let images: Shape = [2, 4, 5, 1]
    for layer in Self.random + Self.others where !(layer is RandomCrop) {
      // Differences at the ends of the range of values would be none.
      if layer is RandomElasticTransform || layer is RandomGaussianBlur { continue }
      try checkLayer(layer, input: images, output: images, mask: .refused)
    }
    let wide: ValueRange = [-100, 100]
    try checkLayer(
      RandomElasticTransform([1, 1], valueRange: wide), input: [1, 9, 8, 1],
      output: [1, 9, 8, 1])
    try checkLayer(
      RandomGaussianBlur([1, 1], kernelSize: [5, 3], valueRange: wide), input: images,
      output: images)
    for fill in [FillMode.constant, .nearest, .wrap, .reflect] {
      try checkLayer(
        RandomRotation(0.5, fillMode: fill, fillValue: 2), input: images, output: images)
      try checkLayer(
        RandomShear(0.5, [0.1, 0.5], interpolation: .nearest, fillMode: fill), input: images,
        output: images)
    }
    try checkLayer(RandomCrop(3, 2), input: images, output: images)
    try checkLayer(RandomCrop(3, 9), input: images, output: images)
    try checkLayer(CenterCrop(3, 3), input: images, output: [2, 3, 3, 1], mask: .refused)
    try checkLayer(CenterCrop(7, 4), input: images, output: [2, 7, 4, 1])
    try checkLayer(Resizing(3, 9), input: images, output: [2, 3, 9, 1], mask: .refused)
    try checkLayer(
      Resizing(7, 4, interpolation: .lanczos3, padToAspectRatio: true, fillValue: 3),
      input: images, output: [2, 7, 4, 1])
    try checkLayer(
      Resizing(7, 4, cropToAspectRatio: true, antialias: true), input: [5, 6, 2],
      output: [7, 4, 2])
    try checkLayer(MaxNumBoundingBoxes(3), input: [2, 5, 4], output: [2, 3, 4])
    try checkLayer(MaxNumBoundingBoxes(8, fillValue: 0), input: [2, 5, 4], output: [2, 8, 4])
  }

  @Test("Boxes are cut or filled up to a number")
  func boxes() throws {
    let boxes = Tensor([2, 2, 4], (0..<16).map(Float.init))
    let labels = Tensor([2, 2], [Int32(7), 8, 9, 6])
    let more = try Layers.run(MaxNumBoundingBoxes(3), boxes, labels)
    #expect(more[0].shape == [2, 3, 4] && more[1].type == TensorType(.int32, [2, 3]))
    #expect(more[0].numbers.prefix(12) == [0, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1])
    #expect(more[1].numbers == [7, 8, -1, 9, 6, -1])
    let fewer = try Layers.run(MaxNumBoundingBoxes(1), boxes, labels)
    #expect(fewer[0].numbers == [0, 1, 2, 3, 8, 9, 10, 11] && fewer[1].numbers == [7, 9])
  }

  @Test("Mistakes are errors that say what is wrong")
  func mistakes() throws {
    typealias Mistake = (layer: any NamedLayer, input: Shape, says: String)
    let images: Shape = [2, 5, 5, 3]
    let table: [Mistake] = [
      (Resizing(0, 3), images, "height and width must be positive"),
      (Resizing(3, .max), images, "height and width must be positive"),
      (Resizing(3, -1), images, "height and width must be positive"),
      (Resizing(1 << 26, 3), images, "resized"),
      (Resizing(3, 3, cropToAspectRatio: true, padToAspectRatio: true), images, "not both"),
      (Resizing(3, 3, fillMode: .reflect), images, "pads with a constant"),
      (Resizing(3, 3, fillValue: .nan), images, "pads with a constant"),
      (Resizing(1 << 27, 1, padToAspectRatio: true), images, "cannot be padded"),
      (Resizing(3, 3), [5, 5], "[batch, height, width, channels]"),
      (Resizing(3, 3), [2, 0, 5, 3], "at least one pixel"),
      (CenterCrop(0, 1), images, "height and width must be positive"),
      (CenterCrop(1, .max), images, "height and width must be positive"),
      (CenterCrop(1, 1), [2, 5], "[batch, height, width, channels]"),
      (RandomCrop(-1, 1), images, "height and width must be positive"),
      (RandomCrop(.max, .max), images, "height and width must be positive"),
      (RandomFlip(), [5], "[batch, height, width, channels]"),
      (RandomFlip(), [2, 2, 3, 4, 5], "[batch, height, width, channels]"),
      (RandomRotation(1.1), images, "factor must be between -1.0 and 1.0, not 1.1"),
      (RandomRotation([0.1, -2]), images, "between -1.0 and 1.0"),
      (RandomRotation(.init(.nan)), images, "between"),
      (RandomRotation([0.1, 0.2, 0.3]), images, "one number or two, not 3"),
      (RandomRotation([]), images, "one number or two, not 0"),
      (RandomRotation(0.1, fillMode: .mirror), images, "fill_mode must be"),
      (RandomRotation(0.1, fillValue: .infinity), images, "fill_value must be a number"),
      (RandomZoom(1.5), images, "height_factor must be between"),
      (RandomZoom([-1, 0]), images, "more than -1"),
      (RandomZoom(0.1, 7), images, "width_factor must be between"),
      (RandomTranslation(0.1, -1.2), images, "width_factor"),
      (RandomTranslation(2, 0.1), images, "height_factor"),
      (RandomShear(-0.1), images, "x_factor must be between 0.0 and 1.0"),
      (RandomShear(0.1, 2), images, "y_factor must be between"),
      (RandomShear([-0.1, 0.2]), images, "x_factor"),
      (RandomPerspective(2), images, "factor must be between 0.0 and 1.0"),
      (RandomPerspective(scale: 1.1), images, "scale must be between"),
      (RandomPerspective(scale: .nan), images, "scale must be between"),
      (RandomPerspective(fillValue: .nan), images, "fill_value"),
      (RandomPerspective(), [2, 1, 5, 3], "at least 2 by 2"),
      (RandomElasticTransform(-0.5), images, "factor"),
      (RandomElasticTransform(scale: 3), images, "scale"),
      (RandomElasticTransform(fillValue: .nan), images, "fill_value"),
      (RandomElasticTransform(valueRange: [3, 1]), images, "value_range"),
      (RandomErasing(1.5), images, "factor"), (RandomErasing(scale: [0, 2]), images, "scale"),
      (RandomErasing(fillValue: [1, 2]), images, "2 fill values"),
      (RandomErasing(fillValue: []), images, "fill_value"),
      (RandomErasing(fillValue: .init(.nan)), images, "fill_value"),
      (RandomErasing(valueRange: [1, 2, 3]), images, "value_range"),
      (RandomGaussianBlur(kernelSize: 2), images, "kernel_size must be odd"),
      (RandomGaussianBlur(kernelSize: [3, 3, 3]), images, "needs 2 numbers"),
      (RandomGaussianBlur(kernelSize: WindowSize(.max)), images, "kernel_size"),
      (RandomGaussianBlur(sigma: 1.5), images, "sigma"),
      (RandomGaussianBlur(7), images, "factor"),
      (MaxNumBoundingBoxes(0), [2, 5, 4], "above 0"),
      (MaxNumBoundingBoxes(.max), [2, 5, 4], "above 0"),
      (MaxNumBoundingBoxes(2, fillValue: .min), [2, 5, 4], "fill value"),
      (MaxNumBoundingBoxes(2), [2, 5, 3], "boxes [batch, boxes, 4]"),
    ]
    for mistake in table {
      let error = #expect(throws: GraphError.self, "\(mistake.layer.className)") {
        try LayerTrace(mistake.layer, [TensorType(.float32, mistake.input)], isTraining: true)
      }
      let text = "\(error?.message ?? "no error") \(error?.hint ?? "")"
      #expect(text.contains(mistake.says), "\(mistake.layer.className): \(text)")
    }
    // Hyperparameters are wrong in inference too.
    #expect(throws: GraphError.self) {
      try LayerTrace(RandomRotation(2), [TensorType(.float32, images)])
    }
  }
}
