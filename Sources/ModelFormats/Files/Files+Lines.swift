import NeuralNetworks

extension Files {
  /// The lines of the text at `path`, such as the tokens of a vocabulary; empty ones at its end do
  /// not count.
  ///
  /// Throws when there is no such file, or it is not UTF-8.
  public static func lines(of path: String) throws(FormatError) -> [String] {
    do {
      return try textLines(contents(of: path))
    } catch {
      throw error.naming(path)
    }
  }
}
