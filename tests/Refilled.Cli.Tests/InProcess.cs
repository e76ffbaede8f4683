using System.Text.Json;

namespace Refilled.Cli.Tests;

/// <summary>What the command wrote to its standard output and error.</summary>
internal readonly record struct Printed(string Output, string Error);

/// <summary>The command within the test's own process, which needs no start of its own.</summary>
internal static class InProcess
{
    public static Task<Printed> Run(int expected, params string[] args) => Run(expected, TestContext.Current.CancellationToken, args);

    /// <summary>Runs the command to its end, which must be this exit code.</summary>
    public static async Task<Printed> Run(int expected, CancellationToken cancel, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(args, new Terminal(output, error, Live: false), cancel);
        Assert.True(code == expected, $"exit code {code}, expected {expected}: {error}");
        return new Printed(output.ToString(), error.ToString());
    }

    /// <summary>Runs the command, and stops it, as a signal does, as soon as a file is there.</summary>
    public static async Task<Printed> RunUntil(string file, params string[] args)
    {
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => Run(ExitCode.Interrupted, stop.Token, args));
        while (!run.IsCompleted && !File.Exists(file)) await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        return await run;
    }

    /// <summary>The object that <c>--json</c> writes as the last line of the output.</summary>
    public static JsonElement Last(Printed run) => Last(run.Output);

    public static JsonElement Last(string output) => JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
}
