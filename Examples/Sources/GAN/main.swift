// Two networks against each other: a generator learns to draw points on a ring out of noise, since a
// discriminator learns to tell its points from real ones. The training loop is written out.
//
// Goodfellow et al., 2014: https://arxiv.org/abs/1406.2661

import Foundation
import Strata
import Support

let batch = 128, noiseSize = 4

let generator = try Model(input: [noiseSize], name: "generator", seed: 1) {
  Dense(32, activation: .leakyReLU)
  Dense(32, activation: .leakyReLU)
  Dense(2)
}
let discriminator = try Model(input: [2], name: "discriminator", seed: 2) {
  Dense(32, activation: .leakyReLU)
  Dense(32, activation: .leakyReLU)
  Dense(1)  // a logit: above 0 for real points
}
try generator.compile(optimizer: .adam(learningRate: 1e-3, beta1: 0.5))
try discriminator.compile(optimizer: .adam(learningRate: 2e-3, beta1: 0.5))

/// The cross-entropy of logits `x` when all of them should be real, or none.
func crossentropy(_ x: Symbol, areReal: Bool) -> Symbol { softplus(areReal ? -x : x).mean() }

let discriminate = ValueAndGradient(of: [discriminator], with: [generator]) { models, x in
  let (judge, draw) = (models[0], models[1])
  return crossentropy(judge(x[0]), areReal: true)
    + crossentropy(judge(draw(x[1])), areReal: false)
}
let deceive = ValueAndGradient(of: [generator], with: [discriminator]) { models, x in
  crossentropy(models[1](models[0](x[0])), areReal: true)
}

var random = SeededGenerator(seed: 3)

/// Noise from -1 to 1.
@MainActor func noise() -> Tensor {
  Tensor([batch, noiseSize], (0..<batch * noiseSize).map { _ in Float(2 * random.uniform() - 1) })
}

/// Points about the unit circle.
@MainActor func ring() -> Tensor {
  let points = (0..<batch).flatMap { _ in
    let angle = 2 * Double.pi * random.uniform(), radius = 1 + 0.1 * (random.uniform() - 0.5)
    return [Float(radius * cos(angle)), Float(radius * sin(angle))]
  }
  return Tensor([batch, 2], points)
}

/// How far the generator's points are from the circle, on average.
@MainActor func distance() throws -> Double {
  let points = try generator.predict(noise(), batchSize: batch).numbers
  let gaps = stride(from: 0, to: points.count, by: 2).map { (point: Int) -> Double in
    let (x, y) = (points[point], points[point + 1])
    return abs((x * x + y * y).squareRoot() - 1)
  }
  return gaps.reduce(0, +) / Double(gaps.count)
}

let before = try distance()
print("step  discriminator  generator  distance from the circle")
for step in 1...3000 {
  let (judged, gradients) = try discriminate(ring(), noise())
  try discriminator.apply(gradients[0])
  let (deceived, others) = try deceive(noise())
  try generator.apply(others[0])
  guard step % 500 == 0 else { continue }
  print(String(format: "%4d  %13.3f  %9.3f  %24.3f", step, judged, deceived, try distance()))
}
demand(try distance() < before / 3, "points near the circle")
