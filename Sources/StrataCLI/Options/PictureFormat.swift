import ArgumentParser
import ModelFormats
import NeuralNetworks
import TensorGraph

/// The size of pictures as an argument: `128x96`, or `128` for both.
struct ImageSize: ExpressibleByArgument {
  var height: Int
  var width: Int

  init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  init?(argument: String) {
    let sizes = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    guard (1...2).contains(sizes.count), sizes.allSatisfy({ (1...65536).contains($0) }) else {
      return nil
    }
    self.init(height: sizes[0], width: sizes[sizes.count - 1])
  }
}

/// What a model wants pictures and their classes to be like.
struct PictureFormat {
  /// The size, where the model has one.
  var size: ImageSize?
  /// The channels, where the model says.
  var colorMode: ImageFile.ColorMode?
  /// The name of the loss, which decides over the targets.
  var loss: String?
  /// What the order follows from; without one, the classes come one after another.
  var seed: UInt64?

  init(seed: UInt64? = nil) { self.seed = seed }

  /// The pictures that `model` takes, or, if there is none, any pictures.
  init(of model: Model?, loss: String?, seed: UInt64? = nil) {
    self.seed = seed
    self.loss = loss ?? model?.lossName
    guard let input = model?.inputs.first?.shape, (2...3).contains(input.count) else { return }
    if let height = input[0], let width = input[1] {
      size = ImageSize(height: height, width: width)
    }
    let channels = input.count == 2 ? 1 : input[2]
    colorMode = ImageFile.ColorMode.allCases.first { $0.channelCount == channels }
  }

  /// The samples in the folder `images`, as bytes.
  func load(_ images: String, size wanted: ImageSize?) throws -> TrainingData {
    var folder = try ImageFolder(
      images, dtype: .uint8, seed: seed.map { UInt32(truncatingIfNeeded: $0) })
    let first = try ImageFile.image(path: folder.files[0].path)
    let size = wanted ?? size ?? ImageSize(height: first.shape[0], width: first.shape[1])
    folder.imageSize = (size.height, size.width)
    folder.colorMode = colorMode ?? (first.shape[2] < 3 ? .grayscale : .rgb)
    if loss?.hasPrefix("categorical") ?? false {
      folder.labelMode = .categorical
    } else if loss?.hasPrefix("binary") ?? false, folder.classNames.count == 2 {
      folder.labelMode = .binary
    }
    return try folder.load()
  }
}

extension Model {
  /// The name of the loss of the only output, as Keras has it.
  fileprivate var lossName: String? {
    let choice: LossChoice? =
      switch compileSettings?.loss {
      case .all(let choice)?: choice
      case .named(let choices)?: choices.values.first
      case nil: nil
      }
    return switch choice {
    case .named(let name)?: name.snakeCased
    case .value(let loss)?: typeName(type(of: loss)).snakeCased
    case nil: nil
    }
  }

  /// `picture` as the input of this index takes it, `uint8[1, height, width, channels]`.
  func fitted(_ picture: Tensor, input index: Int) -> Tensor {
    guard inputs.indices.contains(index) else { return picture }
    var shape = inputs[index].shape
    guard (2...3).contains(shape.count) else { return picture }
    // ONNX's networks have the channels first.
    let isChannelsFirst = network is ONNXNetwork && shape.count == 3
    if isChannelsFirst { shape = [shape[1], shape[2], shape[0]] }
    let channels = shape.count == 2 ? 1 : shape[2] ?? picture.shape[3]
    var image = picture.reshaped(Shape(Array(picture.shape.dims.dropFirst())))
    if [1, 3, 4].contains(channels) { image = image.withChannels(channels) }
    image = image.fitted(
      height: shape[0] ?? image.shape[0], width: shape[1] ?? image.shape[1])
    let result = image.reshaped(
      Shape([1] + image.shape.dims.prefix(shape.count == 2 ? 2 : 3)))
    return isChannelsFirst ? result.transposed([0, 3, 1, 2]) : result
  }
}
