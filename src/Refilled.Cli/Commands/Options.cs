using System.CommandLine;

namespace Refilled.Cli.Commands;

/// <summary>Kinds of options that several verbs have.</summary>
internal static class Options
{
    /// <summary>A word that turns something on.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>Asks for JSON.</summary>
    /// <param name="what">What is printed.</param>
    public static Option<bool> Json(string what = "the result") => Flag("--json", $"Print {what} as one JSON object on the last line.");

    /// <summary>A text that may be missing.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>A text that stands for another one where it is missing.</summary>
    public static Option<string> Text(string name, string helpName, string description, string otherwise) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => otherwise };

    /// <summary>A number from a least to a most one.</summary>
    public static Option<int> Number(string name, string helpName, string description, int otherwise, int least, int most = int.MaxValue)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName };
        if (otherwise != 0) option.DefaultValueFactory = _ => otherwise;
        option.Validators.Add(result =>
        {
            var value = result.GetValueOrDefault<int>();
            if (value < least || value > most)
                result.AddError(most == int.MaxValue ? $"{name} must be at least {least}." : $"{name} must be from {least} to {most}.");
        });
        return option;
    }

    /// <summary>Edits of a recipe.</summary>
    public static Option<string[]> Set(string description) => new("--set")
    {
        Description = description, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false, HelpName = "path=value",
    };
}
