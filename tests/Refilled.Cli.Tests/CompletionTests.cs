using System.Diagnostics;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>Shells complete verbs and options by asking the command.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("ex", "export")]
    [InlineData("export --o", "--onnx")]
    [InlineData("data fe", "fetch")]
    [InlineData("predict --format js", "Jsonl")]
    public async Task The_command_suggests(string line, string suggested) =>
        Assert.Contains(suggested, (await Run(0, $"[suggest:{line.Length}]", line)).Output.Split('\n', StringSplitOptions.TrimEntries));

    [Theory]
    [InlineData("bash", "complete -o default -F _refilled_complete refilled")]
    [InlineData("zsh", "compdef _refilled refilled")]
    [InlineData("fish", "complete -c refilled")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Each_shell_has_its_script(string shell, string said) =>
        Assert.Contains(said, (await Run(0, "completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Bash_completes_by_its_script()
    {
        if (!File.Exists("/bin/bash")) Assert.Skip("needs bash, which is not here");
        using var folder = new TemporaryFolder();
        var script = folder.Write("try.sh", $$"""
            refilled() { dotnet '{{typeof(CommandLine).Assembly.Location}}' "$@"; }
            {{(await Run(0, "completion", "bash")).Output}}
            COMP_LINE='refilled export --an' COMP_POINT=20 COMP_WORDS=(refilled export --an) COMP_CWORD=2
            _refilled_complete
            echo "${COMPREPLY[@]}"
            """);
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", [script]) { RedirectStandardOutput = true })!;
        Assert.Equal("--any-size", (await bash.StandardOutput.ReadToEndAsync()).Trim());
    }
}
