import Glibc
import Synchronization

/// Memory of fixed size: a tensor's own, aligned to 64 bytes, or a view of what others keep.
///
/// Unchecked because it is written only through a tensor that alone refers to it, and never when it
/// is a view.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  private enum Origin {
    /// Allocated at `base`.
    case base
    /// Pages of the system's at `base`.
    case pages
    /// Kept by an object.
    case owner(any AnyObject & Sendable)
  }
  private let origin: Origin
  /// Whether the system makes the memory where it is first looked at.
  private var isLazy = false
  /// The number of what is written here: another one after each writing, of this memory and any
  /// other.
  private(set) var version = Storage.nextVersion()

  /// Memory with any content.
  init(byteCount: Int) {
    let isLarge = byteCount >= Self.hugePage
    base = .allocate(byteCount: max(byteCount, 64), alignment: isLarge ? Self.hugePage : 64)
    // The first touch of a page costs more than filling it: 2 MB at a time cost half as much.
    if isLarge { madvise(base, byteCount, MADV_HUGEPAGE) }
    self.byteCount = byteCount
    origin = .base
  }

  /// Memory of zeros. Where it is large, the system makes them when they are first looked at: what
  /// is replaced before costs nothing.
  init(zeros byteCount: Int) {
    self.byteCount = byteCount
    if byteCount >= 1 << 18,
      let pages = mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      pages != MAP_FAILED
    {
      if byteCount >= Self.hugePage { madvise(pages, byteCount, MADV_HUGEPAGE) }
      base = pages
      origin = .pages
      isLazy = true
    } else {
      base = .allocate(byteCount: max(byteCount, 64), alignment: 64)
      base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      origin = .base
    }
  }

  init(adopting memory: UnsafeMutableRawPointer, byteCount: Int) {
    base = memory
    self.byteCount = byteCount
    origin = .base
  }

  init(viewing memory: UnsafeRawPointer, byteCount: Int, of owner: any AnyObject & Sendable) {
    base = UnsafeMutableRawPointer(mutating: memory)
    self.byteCount = byteCount
    origin = .owner(owner)
  }

  /// Says that what is here changes.
  func change() { version = Storage.nextVersion() }

  /// Makes sure that all of the memory is there, for threads that are about to write to it.
  ///
  /// A page that is read before it is written is made twice, and all cores wait for each other
  /// in between: 23 µs on two cores where a page made at once takes a fifth of one. Systems that
  /// do not know the advice go on as before.
  func populate() {
    guard isLazy else { return }
    isLazy = false
    madvise(base, byteCount, MADV_POPULATE_WRITE)
  }

  private static let versions = Atomic<UInt64>(0)
  private static func nextVersion() -> UInt64 {
    versions.add(1, ordering: .relaxed).newValue
  }

  /// Whether a tensor that alone refers to it may write to it.
  var isWritable: Bool { if case .owner = origin { false } else { true } }

  /// The size of the larger pages of the machine, in bytes.
  private static let hugePage = 1 << 21

  deinit {
    switch origin {
    case .base: base.deallocate()
    case .pages: munmap(base, byteCount)
    case .owner: break
    }
  }
}
