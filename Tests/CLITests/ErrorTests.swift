import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

/// A command line, and all it says on standard error.
struct Mistake: Sendable, CustomStringConvertible {
  let line: String
  let message: String
  var description: String { line }

  init(_ line: String, _ message: String) { (self.line, self.message) = (line, message) }
}

@Suite struct ErrorTests {
  static let dataMistakes: [Mistake] = [
    Mistake(
      "--x none.npy --y y.npy",
      """
      error: none.npy cannot be read
        got   No such file or directory
      """),
    Mistake(
      "--x cut.npy --y y.npy",
      """
      error: the file does not hold as many elements as its header says
        got   172 bytes for [30, 4] elements of 4 bytes
        in    cut.npy byte 128
        help  the file may be incomplete: copy or save it again
      """),
    Mistake(
      "--x text.npy --y y.npy",
      """
      error: this is not a .npy or .npz file
        got   6 bytes of another kind
        in    text.npy
        help  write one with numpy.save or numpy.savez
      """),
    Mistake(
      "--x x.npy --y short.npy",
      """
      error: x has 30 samples, y has 20
        got   x float32[30, 4], y int32[20]
        help  every input, target and weight needs one entry for each sample
      """),
    Mistake(
      "--x x.npy --y large.npy",
      """
      error: y has the label 9, but there are 3 classes
        got   int32[30]
        in    row 7
        help  labels count from 0 to 2; for more classes give the last layer more units
      """),
    Mistake(
      "--x x.npy --y negative.npy",
      """
      error: y has the label -1, but there are 3 classes
        got   int32[30]
        in    row 7
        help  labels count from 0 to 2
      """),
    Mistake(
      "--x x.npy --y fraction.npy",
      """
      error: y has 1.5 for a label, which is no whole number
        got   float32[30]
        in    row 7
        help  numbers go with mean_squared_error
      """),
    Mistake(
      "--x nan.npy --y y.npy",
      """
      error: x has a NaN
        got   float32[30, 4]
        in    row 7, column 0
        help  clean the data: one such number spoils every weight
      """),
    Mistake(
      "--x inf.npy --y y.npy",
      """
      error: x has an infinite number
        got   float32[30, 4]
        in    row 7, column 0
        help  clean the data: one such number spoils every weight
      """),
    Mistake(
      "--x wide.npy --y y.npy",
      """
      error: input_layer expects [None, 4]
        got   float32[30, 5]
      """),
    Mistake(
      "--x x.npy --y x.npy --loss mse",
      """
      error: targets of shape [30, 4] do not fit predictions of shape [30, 3]
        got   float32[30, 4], float32[30, 3]
        help  the last layer needs 4 units
      """),
    Mistake(
      "--x x.npy --y fraction.npy --loss mse",
      """
      error: targets of shape [30] do not fit predictions of shape [30, 3]
        got   float32[30], float32[30, 3]
        help  the last layer needs 1 units
      """),
    Mistake(
      "--x x.npy --y y.npy -o no/m.keras",
      """
      error: no/m.keras cannot be written
        got   there is no folder no/
        help  mkdir -p no/
      """),
    Mistake(
      "--x x.npy --y y.npy -o .",
      """
      error: . cannot be written
        got   a folder
        help  name a file in it
      """),
    Mistake(
      "--x x.npy --y y.npy -o /proc/m.keras",
      """
      error: /proc/m.keras cannot be written
        got   /proc/: No such file or directory
        help  name a folder of yours with -o
      """),
    Mistake(
      "--data iirs",
      """
      error: there is no data set iirs
        got   fashion-mnist, iris, spirals, moons, circles, xor, blobs, sine, shakespeare, \
      sunspots, airline, imdb-reviews, japanese-vowels
        help  did you mean iris?
      """),
    Mistake(
      "--data iris --optimizer adm",
      """
      error: there is no optimizer adm
        help  did you mean adam?
      """),
    Mistake(
      "--data iris --loss meen_squared_error",
      """
      error: there is no loss meen_squared_error
        help  did you mean mean_squared_error?
      """),
    Mistake(
      "--data iris --metrics acuracy",
      """
      error: there is no metric acuracy
        help  did you mean accuracy?
      """),
    Mistake(
      "--csv gaps.csv --target kind",
      """
      error: a value is missing in column a
        got   an empty cell
        in    gaps.csv line 3 column 1
        help  fill it in, or leave the row out
      """),
    Mistake(
      "--csv gaps.csv --target kinds",
      """
      error: a value is missing in column a
        got   an empty cell
        in    gaps.csv line 3 column 1
        help  fill it in, or leave the row out
      """),
  ]

  @Test("mistakes in data end training before it starts, with status 1", arguments: dataMistakes)
  func wrongData(mistake: Mistake) throws {
    let box = try Sandbox()
    try box.trainIris()
    try writeBadFiles(box)
    let before = box.bytes("iris.keras")
    let run = try box.strata(
      ["train", "iris.keras"] + mistake.line.split(separator: " ").map(String.init))
    #expect(run.status == 1)
    #expect(run.messages == mistake.message + "\n")
    #expect(run.output.isEmpty)
    #expect(box.bytes("iris.keras") == before && box.bytes("iris-trained.keras") == nil)
  }

  private func writeBadFiles(_ box: Sandbox) throws {
    let x = try box.array("x.npy"), y = try box.array("y.npy")
    try box.bytes("x.npy")?.prefix(300).write(to: box.folder.appending(path: "cut.npy"))
    try box.write("hello\n", "text.npy")
    try box.write(y.rows(0..<20), "short.npy")
    try box.write(Tensor(TensorType(.float32, [30, 5]), repeating: 1), "wide.npy")
    try box.write("a,kind\n1,cat\n,dog\n", "gaps.csv")
    func changed(_ tensor: Tensor, _ number: Double, _ dtype: DType, at index: Int) -> Tensor {
      var numbers = tensor.numbers
      numbers[index] = number
      return Tensor(TensorType(dtype, tensor.shape), numbers: numbers)
    }
    try box.write(changed(y, 9, .int32, at: 7), "large.npy")
    try box.write(changed(y, -1, .int32, at: 7), "negative.npy")
    try box.write(changed(y, 1.5, .float32, at: 7), "fraction.npy")
    try box.write(changed(x, .nan, .float32, at: 28), "nan.npy")
    try box.write(changed(x, .infinity, .float32, at: 28), "inf.npy")
  }

  @Test(
    "what is no model is told apart",
    arguments: [
      Mistake(
        "mpl",
        """
        error: there is no model mpl
          got   neither a file nor a built-in network
          help  did you mean mlp?
        """),
      Mistake(
        "x.npy",
        """
        error: this is no model
          got   an array of NumPy
          in    x.npy
          help  a .keras, .h5 or .onnx file, a configuration of Keras in JSON, or one of mlp, cnn, \
        lstm, resnet20, transformer
        """),
      Mistake(
        "none.keras",
        """
        error: none.keras cannot be read
          got   No such file or directory
        """),
      Mistake(
        "cnn",
        """
        error: cnn is for pictures: [height, width] or [height, width, channels]
          got   float32[2]
          help  mlp takes samples of any shape
        """),
    ])
  func models(mistake: Mistake) throws {
    let box = try Sandbox()
    try box.writeIris()
    let run = try box.strata("train", mistake.line, "--data", "moons")
    #expect(run.status == 1)
    #expect(run.messages == mistake.message + "\n")
  }

  @Test("a damaged model is an error, never a crash", arguments: [0, 3, 100, 3000, 10_000])
  func damagedModel(count: Int) throws {
    let box = try Sandbox()
    try box.trainIris()
    try box.bytes("iris.keras")?.prefix(count).write(to: box.folder.appending(path: "cut.keras"))
    for arguments in [["summary"], ["evaluate", "--data", "iris"], ["predict", "--x", "x.npy"]] {
      let run = try box.strata([arguments[0], "cut.keras"] + arguments.dropFirst())
      #expect(run.status == 1)
      #expect(run.messages.hasPrefix("error: ") && run.messages.contains("cut.keras"))
    }
  }

  @Test("a built-in network has learned nothing", arguments: ["evaluate", "predict"])
  func untrained(command: String) throws {
    let box = try Sandbox()
    try box.writeIris()
    let data = command == "predict" ? ["--x", "x.npy"] : ["--data", "iris"]
    let run = try box.strata([command, "mlp"] + data)
    #expect(run.status == 1)
    #expect(
      run.messages == """
        error: mlp is a built-in network, which has learned nothing yet
          help  name the file that strata train mlp wrote: mlp-trained.keras

        """)
  }

  @Test(
    "a wrong command line ends with status 64",
    arguments: [
      Mistake("trian mlp", "error: there is no command trian: did you mean train?"),
      Mistake("train", "error: Missing expected argument '<model>'"),
      Mistake("train mlp --epoch 3", "error: Unknown option '--epoch'. Did you mean '--epochs'?"),
      Mistake("train mlp --epochs 0", "error: --epochs is at least 1, not 0"),
      Mistake("train mlp --batch-size 0", "error: --batch-size is at least 1, not 0"),
      Mistake("train mlp --threads 0", "error: --threads is a number from 1 to 1024, not 0"),
      Mistake(
        "train mlp --learning-rate nan",
        "error: --learning-rate is a number above 0, not nan"),
      Mistake(
        "train mlp --validation-split 1",
        "error: --validation-split lies between 0 and 1, not 1.0"),
      Mistake("train mlp --x a.npy", "error: --x and --y go together: inputs and targets"),
      Mistake(
        "train mlp --csv a.csv",
        "error: --csv and --target go together: a table and its column to be predicted"),
      Mistake(
        "train mlp --data iris --x a.npy --y b.npy",
        "error: --data, --x with --y, --csv, and --images exclude each other"),
      Mistake(
        "train mlp --early-stopping loss:x",
        "error: --early-stopping is a metric, or one with a number: val_loss:3"),
      Mistake("train mlp --lookahead 3", "error: Unknown option '--lookahead'"),
      Mistake("predict m.keras", "error: Missing expected argument '--x <file> ...'"),
      Mistake("plot mlp -o m.png", "error: -o names an .svg file, not m.png"),
      Mistake("bench --profile --json", "error: --profile and --json exclude each other"),
    ])
  func commandLine(mistake: Mistake) throws {
    let run = try Sandbox().strata(mistake.line.split(separator: " ").map(String.init))
    #expect(run.status == 64)
    #expect(run.messages.hasPrefix(mistake.message + "\n  help  strata "))
    #expect(run.output.isEmpty)
  }

  @Test("help is no mistake", arguments: [["--help"], ["train", "--help"], ["help", "train"]])
  func help(arguments: [String]) throws {
    let run = try Sandbox().strata(arguments)
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: strata") && run.messages.isEmpty)
  }
}
