// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "strata",
  products: [
    .library(name: "Strata", targets: ["Strata"]),
    .executable(name: "strata", targets: ["StrataCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // C: system libraries, and kernels that no library has.
    .systemLibrary(name: "COneDNN", pkgConfig: "dnnl", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .target(
      name: "CImages", linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("jpeg")]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),

    // Swift, in order of dependency.
    .target(name: "TensorGraph"),
    .target(name: "CPUEngine", dependencies: ["TensorGraph", "COneDNN", "CKernels"]),
    .target(
      name: "NeuralNetworks",
      dependencies: [
        "TensorGraph", .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "ModelFormats",
      dependencies: [
        "TensorGraph", "NeuralNetworks", "CHDF5", "CZip", "CDeflate", "CImages",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(name: "Strata", dependencies: ["NeuralNetworks", "ModelFormats", "CPUEngine"]),
    .executableTarget(
      name: "StrataCLI",
      dependencies: [
        "Strata", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests.
    .target(
      name: "TestKit", dependencies: ["TensorGraph", "NeuralNetworks", "ModelFormats"],
      path: "Tests/TestKit"),
    .testTarget(name: "TensorGraphTests", dependencies: ["TensorGraph", "TestKit"]),
    .testTarget(name: "CPUEngineTests", dependencies: ["CPUEngine", "TestKit"]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["Strata", "TestKit"]),
    .testTarget(
      name: "ModelFormatsTests",
      dependencies: [
        "Strata", "TestKit", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .testTarget(name: "CLITests", dependencies: ["Strata", "TestKit"]),
  ],
  swiftLanguageModes: [.v6]
)
