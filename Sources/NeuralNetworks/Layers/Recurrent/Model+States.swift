import TensorGraph

extension Model {
  /// Lets stateful recurrent layers begin anew: sets the states that they carry from batch to
  /// batch to 0.
  ///
  /// The states of other layers, such as moving averages, stay.
  public func resetStates() {
    for (index, declaration) in declarations.enumerated()
    where !declaration.isTrainable
      && declaration.path.split(separator: "/").last?.hasPrefix("rnn_state") == true
    {
      variables[index] = Tensor(zeros: declaration.type)
    }
  }
}
