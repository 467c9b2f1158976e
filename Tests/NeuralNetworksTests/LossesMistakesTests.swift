import Foundation
import NeuralNetworks
import TensorGraph
import Testing

@Suite("Mistakes with losses have a text") struct LossesMistakesTests {
  @Test(
    "Hyperparameters",
    arguments: [
      (Huber(delta: 0), "Huber needs a delta above 0, not 0.0"),
      (Huber(delta: .infinity), "Huber needs a delta above 0, not inf"),
      (Huber(delta: .nan), "Huber needs a delta above 0, not nan"),
      (
        BinaryFocalCrossentropy(alpha: 1.5),
        "BinaryFocalCrossentropy needs an alpha from 0 to 1, not 1.5"
      ),
      (
        BinaryFocalCrossentropy(gamma: -1),
        "BinaryFocalCrossentropy needs a gamma of at least 0, not -1.0"
      ),
      (
        BinaryFocalCrossentropy(labelSmoothing: 2),
        "BinaryFocalCrossentropy needs a label smoothing from 0 to 1, not 2.0"
      ),
      (
        CategoricalFocalCrossentropy(alpha: []),
        "CategoricalFocalCrossentropy needs an alpha for each class, not []"
      ),
      (
        CategoricalFocalCrossentropy(alpha: [0.5, -0.5]),
        "CategoricalFocalCrossentropy needs an alpha of at least 0, not -0.5"
      ),
      (
        CategoricalFocalCrossentropy(gamma: .infinity),
        "CategoricalFocalCrossentropy needs a gamma of at least 0, not inf"
      ),
      (
        CategoricalCrossentropy(labelSmoothing: -0.1),
        "CategoricalCrossentropy needs a label smoothing from 0 to 1, not -0.1"
      ),
      (
        CategoricalGeneralizedCrossEntropy(q: 1),
        "CategoricalGeneralizedCrossEntropy needs a q between 0 and 1, not 1.0"
      ),
      (
        CategoricalGeneralizedCrossEntropy(q: .nan),
        "CategoricalGeneralizedCrossEntropy needs a q between 0 and 1, not nan"
      ),
      (Circle(gamma: 0), "Circle needs a gamma above 0, not 0.0"),
      (Circle(margin: .nan), "Circle needs a finite margin, not nan"),
      (Tversky(alpha: -1), "Tversky needs an alpha of at least 0, not -1.0"),
      (Tversky(beta: .infinity), "Tversky needs a beta of at least 0, not inf"),
    ] as [(any Loss, String)])
  func hyperparameters(_ loss: any Loss, _ text: String) {
    #expect(throws: GraphError(text)) { try LossChoice.value(loss).resolved() }
  }

  /// The first mistake in the loss of a target and a prediction of these shapes.
  private func mistake(_ loss: any Loss, _ target: Shape, _ prediction: Shape) -> String? {
    let trace = Trace()
    _ = loss(
      trace.input("y", TensorType(.float32, target)),
      trace.input("p", TensorType(.float32, prediction)))
    return trace.errors.first?.description
  }

  @Test("Axes that are none", arguments: [-3, 2, .max, .min])
  func axes(_ axis: Int) {
    for loss in [
      BinaryCrossentropy(axis: axis), CategoricalCrossentropy(axis: axis),
      BinaryFocalCrossentropy(axis: axis), CategoricalFocalCrossentropy(axis: axis),
      CosineSimilarity(axis: axis), Dice(axis: [axis]), Tversky(axis: [0, axis]),
    ] as [any Loss] {
      #expect(
        mistake(loss, [4, 3], [4, 3])
          == """
          error: \(loss.className) has the axis \(axis), but predictions have 2 axes
            got   float32[4, 3]
            help  axes count from 0, or from -1 at the end
          """)
    }
    #expect(
      mistake(SparseCategoricalCrossentropy(axis: axis), [4], [4, 3])
        == """
        error: targets of shape [4] do not fit predictions of shape [4, 3]
          got   float32[4], float32[4, 3]
          help  there is no axis \(axis) of classes
        """)
    #expect(
      mistake(SparseCategoricalCrossentropy(axis: axis), [4, 3], [4, 3])
        == """
        error: SparseCategoricalCrossentropy has the axis \(axis), but predictions have 2 axes
          got   float32[4, 3]
          help  axes count from 0, or from -1 at the end
        """)
  }

  @Test("An axis given twice")
  func axisTwice() {
    #expect(
      mistake(Dice(axis: [1, -1]), [4, 3], [4, 3])
        == """
        error: Dice has the axis -1 twice
          got   float32[4, 3]
        """)
  }

  @Test("Weights of another number of classes")
  func alphas() {
    #expect(
      mistake(CategoricalFocalCrossentropy(alpha: [0.5, 0.5]), [4, 3], [4, 3])
        == """
        error: CategoricalFocalCrossentropy has 2 alphas for 3 classes
          got   float32[4, 3]
          help  give one for each class, or one for all
        """)
  }

  @Test(
    "Sequences of labels, and predictions that are none",
    arguments: [
      ([4], [4, 7, 5]), ([3, 2], [4, 7, 5]), ([4, 0], [4, 7, 5]), ([4, 2], [4, 7]),
    ] as [(Shape, Shape)])
  func sequences(_ target: Shape, _ prediction: Shape) {
    #expect(
      mistake(CTC(), target, prediction)
        == """
        error: targets of shape \(target) do not fit predictions of shape \(prediction): expected \
        [batch, labels] and [batch, time, classes]
          got   float32\(target), float32\(prediction)
        """)
  }

  @Test("Labels of embeddings")
  func identities() {
    #expect(mistake(Circle(), [4], [4, 3]) == nil)
    #expect(mistake(Circle(), [4, 1], [4, 3]) == nil)
    #expect(
      mistake(Circle(), [4, 2], [4, 3])
        == """
        error: targets of shape [4, 2] do not fit predictions of shape [4, 3]: expected [4]
          got   float32[4, 2], float32[4, 3]
        """)
    #expect(
      mistake(Circle(), [4], [4, 3, 2])
        == """
        error: predictions of shape [4, 3, 2] are no embeddings: expected [batch, units]
          got   float32[4], float32[4, 3, 2]
        """)
  }

  @Test("A custom loss that has no number for each sample")
  func custom() {
    let loss = CustomLoss("half_mean") { target, prediction in
      (prediction - target).mean(axes: [0])
    }
    #expect(
      mistake(loss, [4, 3], [4, 3])
        == """
        error: the loss half_mean is [3] for predictions of shape [4, 3]
          got   float32[4, 3], float32[4, 3]
          help  it needs a number for each sample: .mean(axes: [-1]) is one
        """)
  }

  /// What reading a loss with `config` throws.
  private func reading(_ className: String, _ config: JSONValue) -> String {
    do {
      _ = try CompileSettings(
        ["loss": ["module": "keras.losses", "class_name": .string(className), "config": config]],
        outputNames: ["y"])
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test("Reductions that are none")
  func reductions() {
    for none in ["none", nil] as [JSONValue] {
      #expect(
        reading("Hinge", ["reduction": none])
          == """
          error: a loss with the reduction none is one number for each sample: it cannot be \
          trained with
            help  sum_over_batch_size makes their mean small, sum their sum
          """)
    }
    #expect(
      reading("Hinge", ["reduction": "summ"])
        == """
        error: there is no reduction summ
          help  did you mean sum?
        """)
  }

  @Test("Settings of files")
  func files() {
    #expect(
      reading("Dice", ["axis": "all"])
        == "error: Dice cannot be read: axis: expected Array<Any>")
    #expect(
      reading("Circle", ["gama": 3])
        == """
        error: gama 3 of Circle is not supported
          help  did you mean gamma?
        """)
    #expect(
      reading("CustomLoss", [:]).hasPrefix("error: there is no loss CustomLoss"))
  }

  @Test("Files hold no code")
  func code() throws {
    let settings = CompileSettings(
      loss: .all(.custom("mine") { target, prediction in abs(target - prediction) }))
    #expect(
      throws: ConfigurationError(
        "the settings cannot be written: the loss mine is a function of Swift, which no file can "
          + "hold; save the weights alone, or compile with a loss that has a name")
    ) { try settings.json() }
  }
}
