import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite("Pictures at the command") struct PictureTests {
  /// Twelve pictures: dark ones in `dark`, light ones in `light`.
  private func pictures(_ box: Sandbox, channels: Int = 3, size: [Int] = [6, 8]) throws {
    for (name, base) in [("dark", 20), ("light", 200)] {
      let folder = box.folder.appending(path: "pets/\(name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for index in 0..<6 {
        let count = size.reduce(1, *) * channels
        let image = Tensor(
          Shape(size + [channels]), (0..<count).map { UInt8(base + ($0 * 7 + index) % 40) })
        try Files.write(PNG.data(image), to: folder.appending(path: "\(index).png").path())
      }
    }
  }

  @Test("train, evaluate and predict take them from folders and files")
  func folders() throws {
    let box = try Sandbox()
    try pictures(box)
    let training = try box.strata(
      "train", "cnn", "--images", "pets", "--image-size", "12x10", "--epochs", "15",
      "--batch-size", "4", "--learning-rate", "0.01", "--validation-split", "0.25", "--json",
      "--tensorboard", "logs", "-o", "m.keras")
    #expect(training.status == 0, "\(training.messages)")
    #expect(training.lines.count == 15)
    #expect(training.output.contains("val_accuracy"))
    let summary = try box.strata("summary", "m.keras")
    #expect(summary.output.contains("(None, 12, 10, 3)"), "\(summary.output)")
    // The model says what size pictures are given.
    let evaluation = try box.strata("evaluate", "m.keras", "--images", "pets", "--json")
    #expect(evaluation.status == 0, "\(evaluation.messages)")
    #expect(evaluation.output.contains("\"accuracy\": 1"), "\(evaluation.output)")
    let prediction = try box.strata(
      "predict", "m.keras", "--x", "pets/dark/0.png", "--x", "pets/light/3.png", "-o", "p.npy")
    #expect(prediction.status == 0, "\(prediction.messages)")
    let classes = try box.array("p.npy")
    #expect(classes.shape == [2, 2])
    #expect(classes.numbers[0] > 0.5 && classes.numbers[3] > 0.5)
    let run = box.folder.appending(path: "logs/train").path()
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: run).first)
    #expect(
      try EventFile.read(path: "\(run)/\(file)").filter { $0.tag == "epoch_loss" }.count == 15)
  }

  @Test("a model of gray pictures, and one with one-hot targets, get what they want")
  func formats() throws {
    let box = try Sandbox()
    try pictures(box)
    let model = try Model(input: [5, 5, 1]) {
      Rescaling(1.0 / 255)
      Flatten()
      Dense(2, activation: .softmax)
    }
    try model.compile(optimizer: "adam", loss: "categorical_crossentropy")
    try model.save(to: box.folder.appending(path: "gray.keras").path())
    let training = try box.strata("train", "gray.keras", "--images", "pets", "-o", "m.keras")
    #expect(training.status == 0, "\(training.messages)")
    let prediction = try box.strata("predict", "m.keras", "--x", "pets/dark/0.png", "--json")
    #expect(prediction.status == 0, "\(prediction.messages)")
    #expect(prediction.lines.count == 1)
  }

  @Test("mistakes are told")
  func mistakes() throws {
    let box = try Sandbox()
    try pictures(box)
    for (arguments, text) in [
      (
        ["train", "mlp", "--images", "pets", "--data", "iris"],
        "error: --data, --x with --y, --csv, and --images exclude each other"
      ),
      (["train", "mlp", "--image-size", "3x3"], "error: --image-size goes with --images"),
    ] {
      let run = try box.strata(arguments)
      #expect(run.status == 64)
      #expect(run.messages.lowercased().contains(text.lowercased()), "\(run.messages)")
    }
    for size in ["0x3", "3x", "x", "1x2x3", "a", "70000"] {
      let run = try box.strata("train", "mlp", "--images", "pets", "--image-size", size)
      #expect(run.status == 64, "\(size): \(run.messages)")
    }
    let missing = try box.strata("train", "mlp", "--images", "nowhere")
    #expect(missing.status == 1)
    #expect(
      missing.messages.hasPrefix("error: nowhere cannot be read"), "\(missing.messages)")
    try box.write("GIF89a", "pets/light/z.png")
    let damaged = try box.strata("train", "mlp", "--images", "pets")
    #expect(damaged.status == 1)
    #expect(
      damaged.messages == """
        error: pictures are read from PNG and JPEG files
          got   a GIF picture
          in    pets/light/z.png
          help  convert it to PNG

        """)
  }
}
