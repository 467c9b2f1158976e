import ModelFormats

/// `NAME=FILE`, or a file without a name.
struct NamedFile {
  let name: String?
  let path: String

  /// Reads an argument. A file that is there comes before a name.
  init(_ argument: String) {
    if let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
      !argument[..<equals].contains("/"), !Files.exists(argument)
    {
      name = String(argument[..<equals])
      path = String(argument[argument.index(after: equals)...])
    } else {
      name = nil
      path = argument
    }
  }
}
