using System.Runtime.InteropServices;
using Refilled.Cli;

using var interrupt = new CancellationTokenSource();

// The first signal finishes the step and writes a checkpoint; the second ends the process at once.
void OnSignal(PosixSignalContext context)
{
    context.Cancel = !interrupt.IsCancellationRequested;
    interrupt.Cancel();
}

if (Environment.GetEnvironmentVariable(Refilled.Cli.Commands.CellProcess.StopVariable) is not null)
{
    // A table's run: whoever began it closes this end to stop it, and so does its death.
    new Thread(() =>
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0) { }
        interrupt.Cancel();
    }) { IsBackground = true }.Start();
}

using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await CommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error, !Console.IsErrorRedirected), interrupt.Token);
