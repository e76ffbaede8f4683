using System.CommandLine;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled completion</c>: what makes a shell complete verbs and options.</summary>
/// <remarks>Each script asks the command itself, by a directive that System.CommandLine answers.</remarks>
internal static class CompletionCommand
{
    private const string Bash = """
        _refilled_complete() {
          local IFS=$'\n' line="${COMP_LINE#* }" found
          found=$(refilled "[suggest:$((COMP_POINT - ${#COMP_LINE} + ${#line}))]" "$line" 2> /dev/null)
          COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _refilled_complete refilled
        """;

    private const string Zsh = """
        _refilled() {
          local line="${BUFFER#* }"
          local -a found=("${(@f)$(refilled "[suggest:$((CURSOR - ${#BUFFER} + ${#line}))]" "$line" 2> /dev/null)}")
          compadd -a found || _files
        }
        compdef _refilled refilled
        """;

    private const string Fish = """
        function __refilled_complete
          set -l line (string replace -r '^\S+\s+' '' -- (commandline -cp))
          refilled "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
        end
        complete -c refilled -a '(__refilled_complete)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName refilled -ScriptBlock {
          param($word, $ast, $position)
          $line = "$ast" -replace '^\S+\s*', ''
          $at = [Math]::Max(0, $position - "$ast".Length + $line.Length)
          refilled "[suggest:$at]" "$line" | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<Shell>("shell") { Description = "bash, zsh, fish or pwsh." };
        var command = new Command("completion", "Print a script that makes a shell complete verbs and options: "
            + "source <(refilled completion bash), in your shell's own start file.") { shell };
        command.SetAction(parsed =>
        {
            terminal.Out.WriteLine((parsed.GetValue(shell) switch
            {
                Shell.Bash => Bash, Shell.Zsh => Zsh, Shell.Fish => Fish, _ => PowerShell,
            }).ReplaceLineEndings("\n"));
            return ExitCode.Done;
        });
        return command;
    }

    private enum Shell
    {
        Bash,
        Zsh,
        Fish,
        Pwsh,
    }
}
