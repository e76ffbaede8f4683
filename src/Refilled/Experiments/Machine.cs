using System.Globalization;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>Where and in which number format an experiment computes: resolved once, and handed on.</summary>
/// <remarks>Nothing falls back silently: what "auto" chose is told.</remarks>
/// <param name="Name">The device: "cpu", "cuda" or "cuda:n".</param>
/// <param name="Precision">The number format of convolutions.</param>
/// <param name="Threads">Threads of the engine.</param>
internal sealed record Machine(string Name, Precision Precision, int Threads)
{
    /// <summary>The device.</summary>
    public Device Device => device(Name);

    /// <summary>The number format as a recipe says it.</summary>
    public PrecisionChoice Choice => Precision == Precision.Bf16 ? PrecisionChoice.Bf16 : PrecisionChoice.Fp32;

    /// <summary>What networks are opened for.</summary>
    public TeacherOptions Networks => new(Device, Precision);

    /// <summary>What a recipe's words stand for here; loads the engine.</summary>
    /// <exception cref="InputException">A GPU was asked for that isn't there.</exception>
    public static Machine Resolve(Recipe recipe) => Resolve(recipe.Device, recipe.Precision, recipe.Threads);

    /// <inheritdoc cref="Resolve(Recipe)"/>
    /// <param name="device">"auto" is the first GPU where there is one.</param>
    /// <param name="precision">"auto" is bf16 on a GPU or a processor with AVX512-BF16 or AMX, else fp32.</param>
    /// <param name="threads">0 is one for each core.</param>
    public static Machine Resolve(string device = "auto", PrecisionChoice precision = PrecisionChoice.Auto, int threads = 0)
    {
        var name = Present(device);
        var bf16 = precision == PrecisionChoice.Bf16
            || (precision == PrecisionChoice.Auto && (name != "cpu" || CpuFeatures.Current.ComputesBf16));
        return new Machine(name, bf16 ? Precision.Bf16 : Precision.Fp32, threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <summary>Checks a device's wording: "auto", "cpu", "cuda" or "cuda:n".</summary>
    /// <exception cref="InputException">It is none of these.</exception>
    public static void Check(string device)
    {
        if (device is "auto" or "cpu" or "cuda") return;
        if (device.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return;
        throw new InputException($"There is no device '{device}'.{NearestName.Hint(device, ["auto", "cpu", "cuda"])} Known: auto, cpu, "
            + "cuda, cuda:n.");
    }

    /// <summary>Gives the engine the threads.</summary>
    public void Take() => set_num_threads(Threads);

    /// <summary>Device, processor and threads in a few words, as results quote them.</summary>
    public string Summary() => HostFacts.Collect().Summary(Name, Threads);

    private static string Present(string device)
    {
        Check(device);
        TorchRuntime.Load();
        if (device == "cpu") return device;
        var present = cuda.is_available();
        if (device == "auto") return present ? "cuda" : "cpu";
        if (!present)
            throw new InputException($"The device '{device}' was asked for, but this build or machine has no CUDA; use --device cpu, "
                + "or a CUDA build (see README).");
        var index = device == "cuda" ? 0 : int.Parse(device.AsSpan(5), CultureInfo.InvariantCulture);
        if (index >= cuda.device_count())
            throw new InputException($"The device '{device}' was asked for, but there are only {cuda.device_count()} GPUs, "
                + "numbered from 0.");
        return device;
    }
}
