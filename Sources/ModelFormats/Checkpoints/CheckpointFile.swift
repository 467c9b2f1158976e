import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

/// Checkpoints as files: a safetensors file of all variables and of what callbacks remember, whose
/// metadata say where the training is.
public enum CheckpointFile {
  private static let key = "strata_checkpoint", version = 1
  private static let checksumKey = "checksum", noChecksum = "00000000"
  private static let variables = "variables/", callbacks = "callbacks/"

  /// What the metadata say.
  private struct Description: Codable {
    var version: Int
    var identity: Checkpoint.Identity
    var progress: Checkpoint.Progress
    var epochs: [EpochReport]
  }

  /// The bytes of a file of `checkpoint`.
  ///
  /// Throws when a callback remembers strings, which such a file cannot hold.
  public static func data(_ checkpoint: Checkpoint) throws(FormatError) -> Data {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for (name, value) in checkpoint.variables { tensors[variables + name] = value }
    for (callback, state) in checkpoint.callbacks {
      for (name, value) in state { tensors["\(callbacks)\(callback)/\(name)"] = value }
    }
    let description = Description(
      version: version, identity: checkpoint.identity, progress: checkpoint.progress,
      epochs: checkpoint.epochs)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = nonFinite.encoding
    let text: String
    do {
      text = String(decoding: try encoder.encode(description), as: UTF8.self)
    } catch {
      throw FormatError("the checkpoint cannot be written: \(error)")
    }
    var data = try SafetensorsFile.data(
      tensors, metadata: [key: text, checksumKey: noChecksum])
    if let place = checksumPlace(in: data) {
      data.replaceSubrange(place, with: Data(checksum(data).utf8))
    }
    return data
  }

  /// The checkpoint in `data`, the bytes of a file, which messages call `file`.
  ///
  /// Throws when it is damaged, or no checkpoint.
  public static func checkpoint(
    _ data: Data, file: String? = nil
  ) throws(FormatError) -> Checkpoint {
    let stored = try SafetensorsFile(data, file: file)
    guard let text = stored.metadata[key] else {
      throw FormatError("this is not a checkpoint", got: "a safetensors file", file: file)
    }
    var plain = data
    guard let place = checksumPlace(in: data) else {
      throw FormatError("the checkpoint has no checksum", file: file)
    }
    plain.replaceSubrange(place, with: Data(noChecksum.utf8))
    guard stored.metadata[checksumKey] == checksum(plain) else {
      throw FormatError(
        "the checkpoint is damaged", got: "bytes that do not have its checksum", file: file)
    }
    let description: Description
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = nonFinite.decoding
      description = try decoder.decode(Description.self, from: Data(text.utf8))
    } catch {
      throw FormatError(
        "the checkpoint was written by another version of Strata", file: file,
        hint: "begin the training anew")
    }
    var result = Checkpoint(
      identity: description.identity, progress: description.progress, variables: [:],
      epochs: description.epochs, callbacks: [:])
    for name in stored.names {
      let tensor = try stored.tensor(name)
      if name.hasPrefix(variables) {
        result.variables[String(name.dropFirst(variables.count))] = tensor
      } else if name.hasPrefix(callbacks) {
        let parts = name.dropFirst(callbacks.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { continue }
        result.callbacks[String(parts[0]), default: [:]][String(parts[1])] = tensor
      }
    }
    return result
  }

  private static let nonFinite = (
    encoding: JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
    decoding: JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  )

  /// Where the digits of the checksum are; within other texts its quotes would be escaped.
  private static func checksumPlace(in data: Data) -> Range<Data.Index>? {
    let label = Data("\"\(checksumKey)\":\"".utf8)
    guard let found = data.firstRange(of: label) else { return nil }
    let end = found.upperBound + noChecksum.utf8.count
    return end <= data.endIndex ? found.upperBound..<end : nil
  }

  private static func checksum(_ data: Data) -> String {
    let digits = data.withUnsafeBytes { String(CRC32C.checksum($0), radix: 16) }
    return String(repeating: "0", count: max(8 - digits.count, 0)) + digits
  }
}
