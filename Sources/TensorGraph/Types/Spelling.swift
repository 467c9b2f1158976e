/// The name of `names` that `name` is most likely a misspelling of, or nothing when none is near.
///
/// Letters' case is ignored. Near means: at most one edit in three letters, where an edit is a
/// letter inserted, removed, replaced, or swapped with its neighbor.
public func nearest(_ name: String, in names: some Sequence<String>) -> String? {
  let letters = Array(name.lowercased().unicodeScalars.prefix(64))
  var best: (name: String, edits: Int)?
  for candidate in names {
    let other = Array(candidate.lowercased().unicodeScalars.prefix(64))
    let edits = editDistance(letters, other)
    guard edits <= max(1, max(letters.count, other.count) / 3) else { continue }
    if edits < best?.edits ?? .max { best = (candidate, edits) }
  }
  return best?.name
}

/// The hint "did you mean …?" for an unknown `name`, or the list of what is known.
public func spellingHint(_ name: String, in names: some Sequence<String>) -> String {
  if let near = nearest(name, in: names) { return "did you mean \(near)?" }
  return "known are " + names.joined(separator: ", ")
}

/// The least number of insertions, removals, replacements and swaps of neighbors that make `b`
/// of `a` (the optimal string alignment distance).
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var edits = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        edits = min(edits, beforeLast[j - 1] + 1)
      }
      row.append(edits)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
