import NeuralNetworks
import TensorGraph
import Testing

/// A report of epochs whose layers are the same.
private func seen(
  _ layers: [DoctorReport.LayerReport], epochs: Int = 1, stepCount: Int = 4
) -> DoctorReport {
  var report = DoctorReport()
  report.epochs = (0..<epochs).map { .init(epoch: $0, stepCount: stepCount, layers: layers) }
  return report
}

private func course(_ loss: [Double] = [1, 0.5], validation: [Double]? = nil) -> History {
  var history = History()
  history.epochs = loss.enumerated().map { epoch, loss in
    var logs: Logs = ["loss": loss]
    logs["val_loss"] = validation?[epoch]
    return EpochReport(epoch: epoch, logs: logs, seconds: 1, sampleCount: 8)
  }
  return history
}

/// A layer as a healthy network has it.
private func layer(
  _ path: String = "dense", update: Double? = 1e-3, gradient: Double? = 0.3, dead: Double? = 0.1,
  saturated: Double? = 0.2
) -> DoctorReport.LayerReport {
  .init(
    path: path, updateRatio: update, gradientNorm: gradient, weightNorm: 3, deadShare: dead,
    saturatedShare: saturated)
}

/// A case of advice: what was seen, and what is said.
struct DoctorCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let report: DoctorReport
  var history = NeuralNetworks.History()
  var learningRate: Double? = 0.01
  var isClipped = false
  let text: String

  static let all: [DoctorCase] = [
    .init(testDescription: "all is well", report: seen([layer()]), history: course(), text: ""),
    .init(
      testDescription: "dead units, and nothing of what they cause",
      report: seen([
        layer("a", gradient: 0, dead: 0.5), layer("b", dead: 0.97), layer("c", dead: 0.4),
      ]), history: course([1, 1, 1]),
      text: """
        warning: 97 % of the units of b (and of 2 more layers) are dead: their ReLU gives 0 for \
        every sample
          help  use a smaller learning rate, LeakyReLU, or the initializer heNormal
        """),
    .init(
      testDescription: "saturated values", report: seen([layer(saturated: 0.51)]),
      history: course(),
      text: """
        warning: 51 % of the values of dense are saturated: their gradient is nearly 0
          help  scale the inputs to about 1, use a smaller learning rate, or normalize before it
        """),
    .init(
      testDescription: "weights without a gradient",
      report: seen(["a", "b", "c", "d"].map { layer($0, update: nil, gradient: 0) }, epochs: 2),
      history: course(),
      text: """
        warning: the loss does not depend on the weights of a, b, c and 1 more layers: their \
        gradient is 0
          help  see that the output is used, and no stopGradient or rounding lies behind it
        """),
    .init(
      testDescription: "steps that go too far",
      report: seen([layer("a", update: 0.2), layer("b", update: 0.3), layer("c")]),
      history: course(),
      text: """
        warning: a step changes the weights of b (and of 1 more layer) by 30 % of themselves
          help  the learning rate is too high: try 0.0010
        """),
    .init(
      testDescription: "steps that go too far in a few layers only",
      report: seen([layer("a", update: 5), layer("b")]), history: course(), text: ""),
    .init(
      testDescription: "gradients without limit", report: seen([layer(gradient: 2500)]),
      history: course(),
      text: """
        warning: gradients explode: that of dense has the norm 2500.0000
          help  give the optimizer the option clipnorm(1), and scale inputs and targets to about 1
        """),
    .init(
      testDescription: "gradients that are clipped", report: seen([layer(gradient: 2500)]),
      history: course(), isClipped: true, text: ""),
    .init(
      testDescription: "gradients that vanish on their way",
      report: seen([
        layer("first", gradient: 1e-5), layer("middle", gradient: 1e-3), layer("last"),
      ]), history: course([1, 1, 1]),
      text: """
        warning: gradients vanish: that of first has the norm 1.0000e-05, that of last 0.3000
          help  use relu instead of sigmoid or tanh, shortcuts around layers, or BatchNormalization
        """),
    .init(
      testDescription: "steps that go nowhere", report: seen([layer(update: 1e-6)]),
      history: course([1, 0.9999, 0.9998]), learningRate: 1e-6,
      text: """
        warning: the loss does not fall, and a step changes most weights by less than 0.001 % of \
        themselves
          help  the learning rate is too low: try 1.0000e-05 or more
        """),
    .init(
      testDescription: "small steps of a loss that fell before",
      report: seen([layer(update: 1e-6)]),
      history: course([1, 0.5, 0.5]), text: ""),
    .init(
      testDescription: "a loss that stays", report: seen([layer()]),
      history: course([1, 1.2, 0.995]),
      text: """
        warning: the loss does not fall: it was 1.0000 in the first epoch, and never below 0.9950
          help  see whether targets belong to their samples, and let findLearningRate look for a \
        learning rate
        """),
    .init(
      testDescription: "learning by heart", report: seen([layer()]),
      history: course([1, 0.5, 0.4, 0.3, 0.2], validation: [1, 0.8, 0.9, 0.95, 1.1]),
      text: """
        warning: the network overfits: since epoch 2 val_loss has risen from 0.8000 to 1.1000, \
        while loss fell
          help  use EarlyStopping(restoreBestWeights: true), Dropout, or more samples
        """),
    .init(
      testDescription: "a validation loss that is no worse for long", report: seen([layer()]),
      history: course([1, 0.5, 0.4, 0.3, 0.2], validation: [1, 0.8, 0.9, 0.82, 1.1]), text: ""),
    .init(
      testDescription: "one step says nothing of layers",
      report: seen([layer(update: 5, gradient: 1e9, dead: 1)], stepCount: 1),
      history: course(), text: ""),
  ]
}

@Suite struct DoctorAdviceTests {
  @Test("each illness has its sentence", arguments: DoctorCase.all)
  func sentence(_ illness: DoctorCase) {
    let advice = illness.report.advice(
      illness.history, learningRate: illness.learningRate, isClipped: illness.isClipped)
    #expect(advice.map(\.description).joined(separator: "\n") == illness.text)
  }

  @Test("gradients that have grown a hundredfold explode")
  func growth() {
    var grown = seen([layer(gradient: 0.5)])
    grown.epochs.append(.init(epoch: 1, stepCount: 4, layers: [layer(gradient: 60)]))
    #expect(
      grown.advice(course(), learningRate: 0.1).map(\.message) == [
        "gradients explode: that of dense has the norm 60.0000"
      ])
  }

  @Test("who stopped a training early knows that it overfits")
  func stopped() {
    var history = course([1, 0.5, 0.4, 0.3, 0.2], validation: [1, 0.8, 0.9, 0.95, 1.1])
    history.ending = .stopped
    #expect(seen([layer()]).advice(history, learningRate: 0.1).isEmpty)
  }

  @Test("the report is a table")
  func table() {
    let report = seen([
      layer("conv2d", update: 0.0013, gradient: 0.1207, dead: 0.03, saturated: nil),
      layer("lstm", update: nil, gradient: 1e-9, dead: nil, saturated: 0.215),
    ])
    #expect(
      report.description == """
        layer   log10 update/weight  gradient norm  dead  saturated
        conv2d                 -2.9         0.1207   3 %          –
        lstm                      –     1.0000e-09     –       22 %
        """)
  }
}
