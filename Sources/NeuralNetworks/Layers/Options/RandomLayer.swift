/// A layer that draws random numbers, and so takes the option `.seed`.
public protocol RandomLayer: Layer {}
