import NeuralNetworks
import TensorGraph

extension HDF5 {
  /// The type of elements: IV.A.2.d, "The Datatype Message".
  enum Datatype {
    case number(StoredType, isBigEndian: Bool)
    /// Two bytes without meaning, as Keras writes bfloat16.
    case opaquePair
    /// Text of `size` bytes, filled up with zeros or with blanks.
    case string(size: Int, isPaddedByBlanks: Bool)
    /// References to text in a global heap.
    case variableString
    case other

    /// The type of a message; a shared one has its type elsewhere, where no type of Keras is.
    init(_ message: ObjectHeader.Message) throws(FormatError) {
      self = message.isShared ? .other : try Datatype(message.body)
    }

    init(_ message: Cursor) throws(FormatError) {
      var message = message
      let start = try message.byte()
      let flags = Int(try message.byte()) | Int(try message.byte()) << 8
      try message.skip(1)
      let size = try message.word()
      let version = start >> 4
      switch start & 15 {
      case 0: self = try Self.integer(&message, size, flags)
      case 1: self = try Self.floatingPoint(&message, size, flags)
      case 3: self = .string(size: size, isPaddedByBlanks: flags & 15 == 2)
      case 5 where size == 2: self = .opaquePair
      case 8 where size == 1 && flags == 2:
        let isBool = try Self.isBool(&message, version)
        self = isBool ? .number(.same(.bool), isBigEndian: false) : .other
      case 9 where flags & 15 == 1 && size == 16: self = .variableString
      default: self = .other
      }
    }

    /// Class 0: all bits of the bytes count, or it is no type of ours.
    private static func integer(
      _ fields: inout Cursor, _ size: Int, _ flags: Int
    ) throws(FormatError) -> Datatype {
      guard try fields.short() == 0, try fields.short() == 8 * size else { return .other }
      let isSigned = flags & 8 != 0
      let type: StoredType
      switch size {
      case 1: type = .same(isSigned ? .int8 : .uint8)
      case 2: type = isSigned ? .int16 : .uint16
      case 4: type = isSigned ? .same(.int32) : .uint32
      case 8: type = isSigned ? .same(.int64) : .uint64
      default: return .other
      }
      return .number(type, isBigEndian: flags & 1 != 0)
    }

    /// Class 1: the formats of IEEE 754, and the upper half of its single precision.
    private static func floatingPoint(
      _ fields: inout Cursor, _ size: Int, _ flags: Int
    ) throws(FormatError) -> Datatype {
      let bits = try [fields.short(), fields.short()]
      let exponent = try [fields.byte(), fields.byte()]
      let fraction = try [fields.byte(), fields.byte()]
      let bias = try fields.word()
      // The first bit of the fraction is implied, and the sign is the highest bit.
      guard bits == [0, 8 * size], flags & 0x70 == 0x20, flags >> 8 == 8 * size - 1,
        fraction == [0, exponent[0]], exponent[0] + exponent[1] == 8 * size - 1,
        bias == 1 << max(exponent[1] - 1, 0) - 1
      else { return .other }
      let dtype: DType
      switch (size, exponent[1]) {
      case (2, 5): dtype = .float16
      case (2, 8): dtype = .bfloat16
      case (4, 8): dtype = .float32
      case (8, 11): dtype = .float64
      default: return .other
      }
      return .number(.same(dtype), isBigEndian: flags & 1 != 0)
    }

    /// Class 8: whether an enumeration of bytes is how h5py writes truth values: FALSE 0, TRUE 1.
    private static func isBool(_ fields: inout Cursor, _ version: Int) throws(FormatError) -> Bool {
      guard case .number(.same(let base), _) = try Datatype(Cursor(fields.take(12))),
        base == .int8 || base == .uint8
      else { return false }
      for name in ["FALSE", "TRUE"] {
        let size = version < 3 ? 8 : name.utf8.count + 1
        guard fields.rest.count >= size,
          try fields.take(size).elementsEqual(
            Array(name.utf8) + [UInt8](repeating: 0, count: size - name.utf8.count))
        else { return false }
      }
      return try fields.short() == 0x0100
    }
  }
}
