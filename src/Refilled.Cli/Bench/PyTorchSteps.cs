using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Refilled.Networks;

namespace Refilled.Cli.Bench;

/// <summary>The same steps in PyTorch (<c>benchmarks/pytorch/step.py</c>): a Python that does one whenever it is asked.</summary>
internal sealed class PyTorchSteps : IDisposable
{
    /// <summary>Logical name of the program among this assembly's resources.</summary>
    private const string Program = "step.py";

    private readonly Process process;

    private PyTorchSteps(Process process, string version, int threads) =>
        (this.process, Version, Threads) = (process, version, threads);

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Threads of its operations.</summary>
    public int Threads { get; }

    /// <summary>Starts it.</summary>
    /// <param name="options">What a step is of: WideResNets at 32 pixels, which is what is written there.</param>
    /// <param name="precision">The number format.</param>
    /// <param name="threads">Threads within an operation.</param>
    /// <param name="python">The Python to ask; null looks for python3 and python.</param>
    /// <exception cref="InputException">There is no Python with PyTorch, or it can't do these steps.</exception>
    public static PyTorchSteps Start(StepBenchOptions options, Precision precision, int threads, string? python)
    {
        foreach (var network in new[] { options.Student, options.Teacher })
            if (!network.StartsWith("wrn-", StringComparison.Ordinal) || options.ImageSize != 32)
                throw new InputException($"Beside PyTorch only WideResNets at 32 pixels are measured, such as wrn-16-1, not {network} at "
                    + $"{options.ImageSize}.");
        var tried = new List<string>();
        foreach (var name in python is null ? ["python3", "python", "/usr/bin/python3"] : new[] { python })
            if (Try(name, options, precision, threads, out var why) is { } found) return found;
            else tried.Add($"{name}: {why}");
        throw new InputException($"There is no Python with PyTorch here ({string.Join("; ", tried)}). Get one by 'pip install torch', or "
            + "on Debian by 'apt-get install python3-torch', and name it with --python where it isn't python3.");
    }

    /// <summary>Milliseconds of a step that it does now: "student", "ce" or "kd".</summary>
    public double Step(string what)
    {
        process.StandardInput.WriteLine(what);
        return process.StandardOutput.ReadLine() is { } line ? double.Parse(line, CultureInfo.InvariantCulture)
            : throw new InputException($"PyTorch ended at a step of '{what}': {LastLine(process.StandardError.ReadToEnd())}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.StandardInput.Close(); // It ends with its input.
        process.WaitForExit();
        process.Dispose();
    }

    private static PyTorchSteps? Try(string python, StepBenchOptions options, Precision precision, int threads, out string why)
    {
        using var program = typeof(PyTorchSteps).Assembly.GetManifestResourceStream(Program)!;
        using var reader = new StreamReader(program);
        var start = new ProcessStartInfo(python)
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "-c", reader.ReadToEnd(), "--serve", "--device", options.Device, "--precision", StepBench.Word(precision),
            "--threads", $"{threads}", "--student", options.Student, "--teacher", options.Teacher,
            "--batch", $"{options.Batch}", "--classes", $"{options.Classes}",
        }) start.ArgumentList.Add(argument);
        try
        {
            var process = Process.Start(start)!;
            if (process.StandardOutput.ReadLine() is not { } line)
            {
                why = LastLine(process.StandardError.ReadToEnd());
                process.Dispose();
                return null;
            }
            why = "";
            using var said = JsonDocument.Parse(line);
            return new PyTorchSteps(process, said.RootElement.GetProperty("torch").GetString()!,
                said.RootElement.GetProperty("threads").GetInt32());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            why = "not found";
            return null;
        }
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Trim() ?? "it said nothing";
}
