import Foundation
import TensorGraph

/// Watches how the layers of a model train, and says in plain sentences what is wrong, if something
/// is.
///
///     let doctor = Doctor()
///     try model.fit(x, y, epochs: 5, callbacks: [doctor])
///     print(doctor.report)
///
/// It looks at a few steps of each epoch by a graph of its own, which computes the gradients of the
/// step once more: a step looked at costs about two others. After the first sixteen, or as
/// many as `freeLooks` says, at most one step in 64 is looked at, which makes about 2 % of the time. Nothing is changed: a training with a
/// doctor ends with the same bits.
///
/// It keeps a copy of the weights and the batch of the step it last looked at. When the loss becomes
/// NaN or infinite, the batch at hand and this copy tell where: often exactly, and otherwise nearly,
/// since the weights have moved on. A loss that has grown tenfold makes it keep those of every step,
/// and those of the step before.
///
/// `DoctorReport` says what is measured, `advice` what is thought of it.
public final class Doctor: Callback {
  /// How many steps of an epoch are looked at, at most.
  public let stepsPerEpoch: Int
  /// How many steps are looked at whatever they cost.
  public let freeLooks: Int
  /// Whether the advice is said when training ends, and a breakdown when it happens.
  public let verbose: Bool
  /// What was seen.
  public private(set) var report = DoctorReport()
  /// What is wrong, the worst first; nothing when all is well. Known when training ends.
  public private(set) var advice: [Doubt] = []

  /// In how many steps there is one more to look at when the free ones are spent.
  private static let stepsForOneMore = 64
  private var plan: TrainingPlan?
  private var stepCount = 0
  private var lookCount = 0
  private var diagnosis: StepDiagnosis?
  private var findings: [StepDiagnosis.Findings] = []
  /// The largest values of rectifiers in the last steps looked at, across epochs.
  private var recent: [StepDiagnosis.Findings] = []
  private var snapshots: [Snapshot] = []
  private var isWatching = false
  private var isBroken = false
  private var isPending = false
  private var lossBefore = (sum: 0.0, count: 0.0)
  private var usualLoss = Double.infinity

  /// The weights before a step, and its batch.
  private struct Snapshot {
    let epoch: Int
    let step: Int
    let batch: Batch
    let weights: [Tensor]
  }

  /// Creates a doctor.
  ///
  /// - Parameters:
  ///   - stepsPerEpoch: How many steps of an epoch are looked at, at most: the first, and the
  ///     others at equal distances. Of an epoch of unknown length, every 64th step and the first.
  ///   - freeLooks: How many steps are looked at whatever they cost.
  ///   - verbose: Whether the advice is said when training ends, and a breakdown when it happens.
  public init(stepsPerEpoch: Int = 4, freeLooks: Int = 16, verbose: Bool = true) {
    self.stepsPerEpoch = stepsPerEpoch
    self.freeLooks = freeLooks
    self.verbose = verbose
  }

  public var wantsSteps: Bool { true }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan):
      guard stepsPerEpoch >= 1 else {
        throw GraphError("a doctor looks at 1 step of an epoch or more, not \(stepsPerEpoch)")
      }
      begin(plan)
    case .epochBegan: lossBefore = (0, 0)
    case .stepped(let epoch, let step): try stepEnded(epoch, step, control)
    case .epochEnded(let epoch):
      endEpoch(epoch.epoch)
      if let loss = epoch.logs["val_loss"], !loss.isFinite {
        breakDown(epoch.epoch, nil, "the validation loss", loss, control)
      }
    case .interrupted(let epoch, _): endEpoch(epoch)
    case .ended(let history):
      advice = report.advice(
        history, learningRate: control.model.learningRate, isClipped: control.model.isClipped)
      // A breakdown has been said.
      if verbose { for doubt in advice where doubt != report.breakdown { control.say("\(doubt)") } }
      (diagnosis, snapshots, recent) = (nil, [], [])
    }
  }

  private func begin(_ plan: TrainingPlan) {
    self.plan = plan
    (report, advice, diagnosis) = (DoctorReport(), [], nil)
    (stepCount, lookCount, findings, recent, snapshots) = (0, 0, [], [], [])
    (isWatching, isBroken, isPending) = (false, false, false)
    (lossBefore, usualLoss) = ((0, 0), .infinity)
  }

  public func stepBegins(epoch: Int, step: Int, _ control: TrainingControl) {
    guard report.breakdown == nil, let batch = control.batch else { return }
    let mayLook =
      lookCount < freeLooks || lookCount - freeLooks < stepCount / Self.stepsForOneMore
    if isScheduled(step), mayLook { isPending = true }
    // One graph is enough: a batch of another type, such as the last one, waits for the next.
    let isKnown = diagnosis.map { $0.types.elementsEqual(batch.tensors.lazy.map(\.type)) } ?? true
    guard isWatching || isPending && isKnown else { return }
    if !isWatching || snapshots.count > 1 { snapshots.removeFirst(min(snapshots.count, 1)) }
    let model = control.model
    snapshots.append(
      Snapshot(
        epoch: epoch, step: step, batch: batch,
        weights: Array(model.variables[...model.declarations.count])))
  }

  /// Whether the step of that number is one of those to look at.
  private func isScheduled(_ step: Int) -> Bool {
    guard let steps = plan?.stepsPerEpoch else { return step % Self.stepsForOneMore == 0 }
    let distance = max(steps / stepsPerEpoch, 1)
    return step % distance == 0 && step / distance < stepsPerEpoch
  }

  private func stepEnded(_ epoch: Int, _ step: Int, _ control: TrainingControl) throws {
    stepCount += 1
    let model = control.model
    guard report.breakdown == nil, let compilation = model.compilation else { return }
    let states = model.layout(compilation).states
    let total = (
      sum: model.variables[states].firstDouble, count: model.variables[states + 1].firstDouble
    )
    let loss = (total.sum - lossBefore.sum) / max(total.count - lossBefore.count, 1)
    lossBefore = total
    guard total.sum.isFinite else {
      return breakDown(epoch, step, "the loss", loss, control)
    }
    // Losses of single batches vary; one far above the usual announces a breakdown. To watch costs a
    // copy of the weights in every step.
    isWatching = isBroken || loss > 10 * usualLoss
    usualLoss = usualLoss.isFinite ? 0.95 * usualLoss + 0.05 * loss : loss

    guard isPending, let snapshot = snapshots.last, snapshot.step == step, snapshot.epoch == epoch,
      let batch = control.batch
    else { return }
    let diagnosis = try diagnosis ?? StepDiagnosis(model, compilation, batch)
    self.diagnosis = diagnosis
    guard diagnosis.types == batch.tensors.map(\.type) else { return }
    isPending = false
    lookCount += 1
    let found = diagnosis(batch, before: snapshot.weights, after: model.variables)
    guard found.isFinite else {  // a loss scale may be at work; else the loss breaks next
      (isBroken, isWatching) = (true, true)
      return
    }
    findings.append(found)
    recent.append(found)
    if recent.count > max(stepsPerEpoch, 4) { recent.removeFirst() }
  }

  /// Notes what the steps of an epoch looked at were like.
  private func endEpoch(_ epoch: Int) {
    guard let diagnosis, !findings.isEmpty else { return }
    report.epochs.append(
      DoctorReport.EpochReport(
        epoch: epoch, stepCount: findings.count,
        layers: diagnosis.paths.map { .init($0, findings, recent: recent) }))
    findings = []
  }

  /// Says where numbers broke, as well as it can be known.
  private func breakDown(
    _ epoch: Int, _ step: Int?, _ what: String, _ loss: Double, _ control: TrainingControl
  ) {
    let model = control.model
    var place: (Autopsy.Place, Snapshot)?
    if let batch = control.batch, let compilation = model.compilation, let last = snapshots.last {
      // First what is nearest to what happened.
      let tries =
        [(batch, last)] + snapshots.reversed().map { ($0.batch, $0) }
      for (batch, snapshot) in tries where place == nil {
        let autopsy = try? Autopsy(model, compilation, batch)
        place = autopsy?(batch, snapshot.weights).map { ($0, snapshot) }
      }
    }
    let when =
      step.map { " in step \($0 + 1) of epoch \(epoch + 1)" } ?? " after epoch \(epoch + 1)"
    var message = "\(what) became \(loss.isNaN ? "NaN" : "infinite")\(when)"
    var hint = Autopsy.exploded(model.learningRate)
    if let (place, snapshot) = place {
      message += "; \(place.text)"
      if snapshot.epoch != epoch || snapshot.step != step {
        message += ", as of step \(snapshot.step + 1) of epoch \(snapshot.epoch + 1)"
      }
      hint = place.hint(learningRate: model.learningRate)
    } else if let broken = model.firstBrokenWeight {
      message += "; the weights of \(layerPath(of: broken)) are not finite any more"
    }
    let doubt = Doubt(message, hint: hint)
    report.breakdown = doubt
    snapshots = []
    if verbose { control.say("\(doubt)") }
  }

  public var state: CallbackState {
    get {
      guard plan != nil, let text = try? JSONEncoder().encode(report) else { return [:] }
      var state: CallbackState = ["report": Tensor([text.count], Array(text))]
      (state[int: "steps"], state[int: "looks"]) = (stepCount, lookCount)
      return state
    }
    set {
      stepCount = newValue[int: "steps"] ?? 0
      lookCount = newValue[int: "looks"] ?? 0
      if let text = newValue["report"], text.dtype == .uint8,
        let known = try? JSONDecoder().decode(
          DoctorReport.self, from: Data(text.scalars(as: UInt8.self)))
      {
        report = known
      }
    }
  }
}

extension Model {
  /// Whether the optimizer limits gradients.
  fileprivate var isClipped: Bool {
    guard let options = compilation?.optimizer.options else { return false }
    return options.clipnorm != nil || options.clipvalue != nil || options.globalClipnorm != nil
  }

  /// The path of the first weight that is not finite.
  fileprivate var firstBrokenWeight: String? {
    zip(declarations, variables).first { firstNonFinite(of: $1) != nil }?.0.path
  }
}

extension DoctorReport.LayerReport {
  /// What `findings` say of the layer at `path`, and the last steps of its rectifiers.
  init(_ path: String, _ findings: [StepDiagnosis.Findings], recent: [StepDiagnosis.Findings]) {
    self.path = path
    let layers = findings.compactMap { $0.layers.first { $0.path == path } }
    // Gradients that are collected over steps move nothing in most of them.
    let moves = layers.filter { $0.update > 0 && $0.weight > 0 }
    updateRatio = median(moves.map { ($0.update / $0.weight).squareRoot() })
    gradientNorm = median(layers.map { $0.gradient.squareRoot() })
    weightNorm = layers.last.map { $0.weight.squareRoot() }
    var largest: [Double] = []
    for finding in recent {
      for rectifier in finding.rectifiers where rectifier.path == path {
        if largest.count < rectifier.largest.count { largest = rectifier.largest }
        for unit in rectifier.largest.indices {
          largest[unit] = max(largest[unit], rectifier.largest[unit])
        }
      }
    }
    deadShare =
      largest.isEmpty
      ? nil : Double(largest.filter { $0 <= 0 }.count) / Double(largest.count)
    let shares = findings.flatMap { $0.saturated.filter { $0.path == path }.map(\.share) }
    saturatedShare = shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
  }
}

extension Tensor {
  /// The first of its `float64` numbers.
  fileprivate var firstDouble: Double { withUnsafeBytes { $0.load(as: Double.self) } }
}
