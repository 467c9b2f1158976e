import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension DataCatalog {
  /// The folder into which `Scripts/datasets` puts data sets: what the environment variable
  /// `STRATA_DATASETS` says, else `strata/datasets` in the folder for data of the user,
  /// `XDG_DATA_HOME` or `~/.local/share`.
  public static var folder: String {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["STRATA_DATASETS"], !folder.isEmpty { return folder }
    // The convention: a path that is not absolute counts as none.
    let home = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (home ?? (environment["HOME"] ?? "") + "/.local/share") + "/strata/datasets"
  }

  /// Where a file of a fetched data set is.
  ///
  ///     let path = try DataCatalog.path("sunspots/sunspots.csv")
  ///
  /// - Parameter file: The name of the data set and of the file in its folder.
  /// - Returns: The path of the file.
  /// - Throws: when there is no such file, with the command that fetches it.
  public static func path(_ file: String) throws(FormatError) -> String {
    let path = folder + "/" + file
    guard !Files.exists(path) else { return path }
    let name = String(file.prefix { $0 != "/" })
    throw FormatError(
      "the data set \(name) is not there", got: "no file \(path)",
      hint: "\(fetchCommand(name)) fetches it")
  }

  /// What fetches the data set `name`.
  static func fetchCommand(_ name: String) -> String { "Scripts/datasets \(name)" }
}
