import Foundation
import NeuralNetworks
import TestKit
import Testing

@Suite("The page of all layers")
struct LayersDocumentationTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let page = Result {
    try LayerPage(LayerRegistry.all, sources: root.appending(path: "Sources/NeuralNetworks/Layers"))
  }

  /// With `STRATA_DOCUMENT_LAYERS` set, as `Scripts/document-layers` does, the page is written.
  @Test("is that of the sources")
  func page() throws {
    let page = try Self.page.get()
    #expect(page.missing.isEmpty)
    let file = Self.root.appending(path: "Documentation/Layers.md")
    if ProcessInfo.processInfo.environment["STRATA_DOCUMENT_LAYERS"] != nil {
      try Data(page.text.utf8).write(to: file)
    }
    let written = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    let isCurrent = written == page.text
    #expect(isCurrent, "Documentation/Layers.md is out of date: run Scripts/document-layers")
  }

  @Test("has shapes, hyperparameters and weights")
  func contents() throws {
    let page = try Self.page.get().text
    for part in [
      "## Core", "### Dense", "> `[batch, …, features]` → `[batch, …, units]`",
      "| `units` |  | The size of the output's last axis. |",
      "| `activation` | `linear` | What is applied to the sum. |",
      "- Weights: `kernel` `[features, units]`, `bias` `[units]`", "### AutoContrast",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    for layer in LayerRegistry.all {
      #expect(page.contains("\n### \(layer.className)\n"), "\(layer.className)")
    }
  }
}
