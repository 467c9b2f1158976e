import ArgumentParser
import Glibc

/// Runs the command line, and gives the exit status: 0 done, 1 the work failed, 64 the command line
/// is wrong, 128 and the number of the signal when a training was interrupted.
@main
struct Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var command: any ParsableCommand
    do {
      try StrataCommand.checkName(of: arguments)
      command = try StrataCommand.parseAsRoot(arguments)
    } catch {
      exit(afterParsing: error, arguments)
    }
    do {
      try command.run()
    } catch let status as ExitCode {
      Glibc.exit(status.rawValue)
    } catch let error as ValidationError {
      exit(afterParsing: error, arguments)
    } catch  where StrataCommand.exitCode(for: error) == .success {
      exit(afterParsing: error, arguments)  // a command without arguments shows its help
    } catch {
      let text = "\(error)"
      Console.say(text.hasPrefix("error: ") ? text : "error: \(text)")
      Glibc.exit(1)
    }
  }

  /// Ends with the help that was asked for, or with what is wrong with the command line.
  private static func exit(afterParsing error: any Error, _ arguments: [String]) -> Never {
    let text = StrataCommand.message(for: error)
    if StrataCommand.exitCode(for: error) == .success {
      print(StrataCommand.fullMessage(for: error))
      Glibc.exit(0)
    }
    let command = arguments.first.flatMap { StrataCommand.names.contains($0) ? $0 + " " : nil }
    Console.say(text.hasPrefix("error: ") ? text : "error: \(text)")
    Console.say("  help  strata \(command ?? "")--help says what can be given")
    Glibc.exit(64)
  }
}
