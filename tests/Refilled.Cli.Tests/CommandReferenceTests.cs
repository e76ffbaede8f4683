using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>docs/commands.md says of each verb and option what the command says.</summary>
public partial class CommandReferenceTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "commands.md");

    [Fact]
    public void The_page_has_every_verb_and_option_as_the_command_defines_them()
    {
        var text = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var made = Verbs().Replace(text, _ => $"<!-- verbs -->\n{Reference()}<!-- end -->");
        if (Environment.GetEnvironmentVariable("REFILLED_RECORD_COMMANDS") == "1") File.WriteAllText(Page, made);
        Assert.True(File.ReadAllText(Page).ReplaceLineEndings("\n") == made,
            "docs/commands.md differs from the command. Write it anew: run this test with REFILLED_RECORD_COMMANDS=1.");
        Assert.Contains("### `table cross-task`", made, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_every_method() =>
        Assert.All(Methods.Names, name => Assert.Contains($"`{name}`", File.ReadAllText(Page), StringComparison.Ordinal));

    private static string Reference()
    {
        var text = new StringBuilder();
        using var nowhere = new StringWriter();
        foreach (var (path, command) in Leaves("", CommandLine.Root(new Terminal(nowhere, nowhere, Live: false))))
        {
            var arguments = string.Concat(command.Arguments.Select(argument => $" <{argument.HelpName ?? argument.Name}>"));
            text.Append($"### `{path}{arguments}`\n\n{command.Description}\n\n");
            if (command.Arguments.Count + command.Options.Count == 0) continue;
            text.Append("| option | what |\n|---|---|\n");
            foreach (var argument in command.Arguments)
                text.Append($"| `<{argument.HelpName ?? argument.Name}>` | {argument.Description} |\n");
            foreach (var option in command.Options)
                text.Append($"| `{option.Name}{(option.HelpName is { } value ? $" <{value}>" : "")}` | {option.Description} |\n");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(string above, Command command)
    {
        foreach (var verb in command.Subcommands)
        {
            var path = $"{above} {verb.Name}".TrimStart();
            if (verb is { Action: not null, Hidden: false }) yield return (path, verb);
            foreach (var below in Leaves(path, verb)) yield return below;
        }
    }

    [GeneratedRegex("<!-- verbs -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Verbs();
}
