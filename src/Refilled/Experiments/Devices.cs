using System.Globalization;
using Refilled.Native;
using Refilled.Networks;
using TorchSharp;

namespace Refilled.Experiments;

/// <summary>Where and in which number format a run computes. Nothing falls back silently: what "auto" chose is told.</summary>
internal static class Devices
{
    /// <summary>Checks the wording: "auto", "cpu", "cuda" or "cuda:n".</summary>
    /// <exception cref="InputException">It is none of these.</exception>
    public static void Check(string name)
    {
        if (name is "auto" or "cpu" or "cuda") return;
        if (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return;
        throw new InputException($"There is no device '{name}'.{NearestName.Hint(name, ["auto", "cpu", "cuda"])} Known: auto, cpu, "
            + "cuda, cuda:n.");
    }

    /// <summary>What "auto" stands for here; any other name is returned as it is, if it is present.</summary>
    /// <exception cref="InputException">A GPU was asked for that isn't there.</exception>
    public static string Resolve(string name)
    {
        Check(name);
        TorchRuntime.Load();
        if (name == "cpu") return name;
        var cuda = torch.cuda.is_available();
        if (name == "auto") return cuda ? "cuda" : "cpu";
        if (!cuda)
            throw new InputException($"The device '{name}' was asked for, but this build or machine has no CUDA; use --device cpu, "
                + "or a CUDA build (see README).");
        var index = name == "cuda" ? 0 : int.Parse(name.AsSpan(5), CultureInfo.InvariantCulture);
        if (index >= torch.cuda.device_count())
            throw new InputException($"The device '{name}' was asked for, but there are only {torch.cuda.device_count()} GPUs, "
                + "numbered from 0.");
        return name;
    }

    /// <summary>What "auto" stands for on a device: bf16 on a GPU or a processor with AVX512-BF16 or AMX, else fp32.</summary>
    public static Precision Resolve(PrecisionChoice choice, string device) => choice switch
    {
        PrecisionChoice.Fp32 => Precision.Fp32,
        PrecisionChoice.Bf16 => Precision.Bf16,
        _ => device != "cpu" || CpuFeatures.Current.ComputesBf16 ? Precision.Bf16 : Precision.Fp32,
    };
}
