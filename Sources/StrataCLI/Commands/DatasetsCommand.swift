import ArgumentParser
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Shows the data sets that have names.
struct DatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets", abstract: "Lists the data sets that --data knows.")

  @Argument(help: "The name of one data set.")
  var name: String?
  @Flag(help: "Prints an array of objects, or one object for one name.")
  var json = false

  func run() throws {
    if let name {
      let dataset = try DataCatalog.dataset(named: name)
      Console.write(json ? "\(object(dataset))" : text(dataset))
    } else if json {
      Console.write("\(JSON.array(DataCatalog.all.map(object)))")
    } else {
      let rows = DataCatalog.all.map {
        [$0.name, size($0.byteCount), $0.license, place(of: $0), $0.summary]
      }
      for row in rows {
        let cells = row.indices.map { column in
          let width = rows.map { $0[column].count }.max() ?? 0
          return row[column] + String(repeating: " ", count: width - row[column].count)
        }
        Console.write(cells.joined(separator: "  ").trimmedEnd)
      }
    }
  }

  private func text(_ dataset: NamedDataset) -> String {
    var rows = [
      ("", dataset.summary),
      ("samples", "\(dataset.inputs), and \(dataset.testCount) for the test"),
      ("found", place(of: dataset)), ("size", size(dataset.byteCount)),
      ("license", dataset.license),
    ]
    if !dataset.classNames.isEmpty {
      rows.append(("classes", dataset.classNames.joined(separator: ", ")))
    }
    let lines = rows.map { name, value in
      "  " + (name.isEmpty ? value : name + String(repeating: " ", count: 9 - name.count) + value)
    }
    return ([dataset.name] + lines).joined(separator: "\n")
  }

  /// Where the data are, or how to get them.
  private func place(of dataset: NamedDataset) -> String {
    guard !dataset.isPresent, let command = dataset.fetchCommand else { return dataset.location }
    return "absent: \(command)"
  }

  private func object(_ dataset: NamedDataset) -> JSON {
    .object([
      ("name", .string(dataset.name)), ("summary", .string(dataset.summary)),
      ("shape", .array(dataset.inputs.shape.dims.map { .int($0) })),
      ("dtype", .string(dataset.inputs.dtype.rawValue)), ("test_count", .int(dataset.testCount)),
      ("location", .string(dataset.location)),
      ("fetch", dataset.isPresent ? .null : .string(dataset.fetchCommand ?? "")),
      ("bytes", .int(dataset.byteCount)),
      ("license", .string(dataset.license)),
      ("classes", .array(dataset.classNames.map { .string($0) })),
    ])
  }

  private func size(_ byteCount: Int) -> String {
    switch byteCount {
    case 1_000_000...: "\(byteCount / 1_000_000) MB"
    case 1000...: "\(byteCount / 1000) kB"
    default: "\(byteCount) bytes"
    }
  }
}

extension String {
  /// The text without blanks at its end.
  fileprivate var trimmedEnd: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
