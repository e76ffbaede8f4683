using System.Diagnostics;

namespace Refilled.Cli.Tests;

/// <summary>The command as a process of its own, so that it can be killed, interrupted, and run beside another.</summary>
internal sealed class CommandProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output, error;

    private CommandProcess(Process process)
    {
        this.process = process;
        (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public static CommandProcess Start(string[] args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. args])
            { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new CommandProcess(Process.Start(start)!);
    }

    public bool HasExited => process.HasExited;

    /// <summary>Waits for the end: exit code, standard output, standard error.</summary>
    public (int Code, string Output, string Error) Wait()
    {
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(15)), "the command hangs");
        return (process.ExitCode, output.Result, error.Result);
    }

    /// <summary>SIGKILL: no chance to tidy up.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Memory that it has in use, in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.HasExited ? 0 : process.WorkingSet64;
        }
    }

    /// <summary>Sends it a signal; SIGINT is what Ctrl-C sends.</summary>
    public void Interrupt(string signal = "INT") => Process.Start("kill", ["-" + signal, $"{process.Id}"]).WaitForExit();

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
