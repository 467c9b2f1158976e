// swift-tools-version: 6.2
import PackageDescription

let names = [
  "FirstNetwork", "CustomLayer", "CustomCell", "Sequences", "FunctionalModel", "Pipeline",
]

// Those that have a goal to reach.
let tasks = [
  "GAN", "Iris", "FashionMNIST", "Sunspots", "JapaneseVowels", "Reviews", "Shakespeare",
]
let strata = Target.Dependency.product(name: "Strata", package: "strata")

let package = Package(
  name: "examples",
  dependencies: [.package(name: "strata", path: "..")],
  targets: [.target(name: "Support", dependencies: [strata])]
    + names.map { .executableTarget(name: $0, dependencies: [strata]) }
    + tasks.map { .executableTarget(name: $0, dependencies: [strata, "Support"]) }
    + [
      .executableTarget(
        name: "SentenceEmbeddings", dependencies: [strata, "Support"],
        resources: ["sentences.txt", "tokens.txt", "embeddings.npy"].map { .embedInCode($0) })
    ],
  swiftLanguageModes: [.v6]
)
