// swift-tools-version: 6.2
import PackageDescription

let names = [
  "FirstNetwork", "FashionMNIST", "CustomLayer", "CustomCell", "Sequences", "FunctionalModel",
]

let package = Package(
  name: "examples",
  dependencies: [.package(name: "strata", path: "..")],
  targets: names.map {
    .executableTarget(name: $0, dependencies: [.product(name: "Strata", package: "strata")])
  },
  swiftLanguageModes: [.v6]
)
