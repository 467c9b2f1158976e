import Glibc

/// The memory of the machine.
package enum PhysicalMemory {
  /// Its size in bytes; no limit where the system does not say.
  package static let byteCount = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? pages * size : .max
  }()
}
