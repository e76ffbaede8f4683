using System.CommandLine;
using Refilled.Experiments;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using static System.FormattableString;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled doctor</c>: what is here, how the engine was loaded, and whether it trains.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = Options.Json("the facts");
        var command = new Command("doctor", "Show versions, native libraries, device and precision, and train for a second.") { json };
        command.SetAction(parsed =>
        {
            var facts = HostFacts.Collect();
            var machine = Machine.Resolve();
            var (device, precision) = (machine.Name, machine.Precision);
            var milliseconds = StepProbe.MedianMilliseconds(machine.Device, precision);
            if (parsed.GetValue(json))
                terminal.WriteJson(new { facts, device, precision = precision.ToString().ToLowerInvariant(),
                    stepMilliseconds = Math.Round(milliseconds, 1),
                    teacher = ImageNetTeacherFormat.IsThere ? ImageNetTeacherFormat.Folder : null });
            else Print(terminal.Out, facts, device, precision, milliseconds);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, HostFacts facts, string device, Precision precision, double milliseconds)
    {
        void Line(string name, string? value) => output.WriteLine($"{name,-14}{value}");
        Line("system", $"{facts.System}, {facts.Architecture}");
        if (facts.Glibc is not null) Line("glibc", facts.Glibc);
        if (facts.Libstdcxx is not null) Line("libstdc++", $"up to {facts.Libstdcxx}");
        Line(".NET", facts.DotNet);
        Line("TorchSharp", $"{facts.TorchSharp}, for libtorch {facts.Libtorch}");
        foreach (var native in facts.Natives) Line("native", native);
        Line("adapted copy", facts.PatchedCopy is null ? "not needed" : $"used: {facts.PatchedCopy}");
        if (facts.PatchReason is not null) Line("", $"because: {facts.PatchReason}");
        Line("processor", $"{facts.Cpu.Model}, {facts.Cores} of {facts.LogicalCores} cores, {facts.MemoryMiB} MiB of memory");
        Line("features", $"AVX2 {YesNo(facts.Cpu.Avx2)}, AVX-512 {YesNo(facts.Cpu.Avx512)}, AVX512-BF16 {YesNo(facts.Cpu.Avx512Bf16)}, "
            + $"AMX-BF16 {YesNo(facts.Cpu.AmxBf16)}");
        if (facts.Cpu.HidesCaches) Line("caches", CpuFeatures.HiddenCachesNote);
        Line("threads", $"{facts.Threads} within an operation, {facts.InteropThreads} for operations side by side");
        if (facts.Waiting is not null) Line("waiting", facts.Waiting);
        Line("freed memory", facts.KeepsFreedMemory ? "is kept for the next step" : "as the C library's own settings say");
        Line("CUDA", facts.CudaDevices == 0 ? "none" : $"{facts.CudaDevices} devices");
        foreach (var card in facts.Gpus) Line("graphics card", card);
        Line("device", $"{device}, {precision.ToString().ToLowerInvariant()}");
        Line("teacher", $"{ImageNetTeacherFormat.Name} "
            + (ImageNetTeacherFormat.IsThere ? $"is in {ImageNetTeacherFormat.Folder}" : $"isn't here: {ImageNetTeacherFormat.HowToGet}"));
        Line("training step", Invariant($"{milliseconds:0.0} ms (wrn-16-1, 128 images of 32×32)"));
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
