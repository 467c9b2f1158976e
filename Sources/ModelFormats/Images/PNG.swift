/// Pictures without loss, compressed by deflate.
///
/// Reference: Portable Network Graphics Specification, Second Edition, W3C, 2003.
public enum PNG {}
