import ArgumentParser
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Where samples come from: a data set by name, arrays, a table, or a folder of pictures.
struct DataOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A data set by name; strata datasets lists them.", valueName: "name"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Inputs, .npy or .npz. NAME=FILE, once for each, if the model has several.",
      valueName: "file"))
  var x: [String] = []

  @Option(help: ArgumentHelp("Targets, .npy or .npz, as --x.", valueName: "file"))
  var y: [String] = []

  @Option(help: ArgumentHelp("A table of comma-separated values.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("The column of the table to be predicted.", valueName: "column"))
  var target: String?

  @Option(
    help: ArgumentHelp(
      "PNG and JPEG pictures, in a folder for each class.", valueName: "folder"))
  var images: String?

  @Option(
    help: ArgumentHelp(
      "The size of the pictures; that of the model's input, or of the first picture.",
      valueName: "height>x<width"))
  var imageSize: ImageSize?

  @Option(help: ArgumentHelp("How much each sample counts, .npy.", valueName: "file"))
  var sampleWeight: String?

  func validate() throws {
    let sources = [data != nil, !x.isEmpty || !y.isEmpty, csv != nil, images != nil]
    guard sources.filter({ $0 }).count <= 1 else {
      throw ValidationError("--data, --x with --y, --csv, and --images exclude each other")
    }
    guard images != nil || imageSize == nil else {
      throw ValidationError("--image-size goes with --images")
    }
    guard x.isEmpty == y.isEmpty else {
      throw ValidationError("--x and --y go together: inputs and targets")
    }
    guard (csv == nil) == (target == nil) else {
      throw ValidationError(
        "--csv and --target go together: a table and its column to be predicted")
    }
  }

  /// Reads the samples: of a data set with a name the `part`; of `named` when nothing is said;
  /// pictures as `pictures` says.
  func load(
    _ part: DataPart, orNamed named: String? = nil, pictures: PictureFormat = PictureFormat()
  ) throws -> TrainingData {
    let data: TrainingData
    if let csv, let target {
      data = try CSVTable(Files.contents(of: csv), file: csv).trainingData(target: target)
    } else if !x.isEmpty {
      data = try Self.arrays(x, y)
    } else if let images {
      data = try pictures.load(images, size: imageSize)
    } else if let name = self.data ?? named {
      data = try DataCatalog.dataset(named: name).load(part)
    } else {
      throw ValidationError(
        "there is no data: give --data NAME, --x with --y, --csv with --target, or --images")
    }
    guard let sampleWeight else { return data }
    return try TrainingData(
      inputs: data.inputs, targets: data.targets,
      sampleWeights: [ArrayFiles.array(sampleWeight)], inputNames: data.inputNames,
      targetNames: data.targetNames, classNames: data.classNames)
  }

  /// The samples in files of inputs and of targets.
  static func arrays(_ x: [String], _ y: [String]) throws -> TrainingData {
    let inputs = try ArrayFiles(x, option: "--x"), targets = try ArrayFiles(y, option: "--y")
    return try TrainingData(
      inputs: inputs.tensors, targets: targets.tensors, inputNames: inputs.names,
      targetNames: targets.names)
  }
}

extension Model {
  /// `tensors`, each with an axis of size 1 at its end where only that is missing: a gray picture
  /// `[height, width]` is one of `[height, width, 1]`.
  func completed(_ tensors: [Tensor]) -> [Tensor] {
    guard tensors.count == inputs.count else { return tensors }
    return zip(tensors, inputs).map { tensor, input in
      let sizes = tensor.shape.dims.dropFirst()
      let lacksOne =
        input.shape.last == 1 && sizes.count == input.shape.count - 1
        && zip(sizes, input.shape).allSatisfy { $1 == nil || $0 == $1 }
      return lacksOne ? tensor.reshaped(Shape(tensor.shape.dims + [1])) : tensor
    }
  }

  /// `data` with completed inputs.
  func completed(_ data: TrainingData) throws -> TrainingData {
    guard data.inputNames.isEmpty || inputs.count == 1 else { return data }
    return try TrainingData(
      inputs: completed(data.inputs), targets: data.targets, sampleWeights: data.sampleWeights,
      targetNames: data.targetNames, classNames: data.classNames)
  }
}
