using System.Text.Json;
using Refilled.Data;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

/// <summary>One case of the golden vectors: inputs, expected values and hyper-parameters, all from its file.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile file;
    private readonly JsonElement parameters;
    private readonly JsonElement tolerances;
    private readonly string name;

    private GoldenCase(string name, SafetensorsFile file)
    {
        (this.name, this.file) = (name, file);
        parameters = JsonDocument.Parse(file.Metadata["hparams"]).RootElement;
        tolerances = JsonDocument.Parse(file.Metadata["tolerance"]).RootElement;
    }

    /// <summary>Opens a case: from the folder in REFILLED_GOLDEN where that is set, else from the cases beside this file.</summary>
    public static GoldenCase Open(string name)
    {
        var folder = Environment.GetEnvironmentVariable("REFILLED_GOLDEN") is { Length: > 0 } given
            ? given : Path.Combine(Repository.Root, "tests", "Refilled.Tests", "Golden", "cases");
        var path = Path.Combine(folder, name + ".safetensors");
        Assert.True(File.Exists(path), $"The golden case '{name}' is missing: {path}");
        return new GoldenCase(name, Safetensors.Read(path));
    }

    /// <summary>A tensor of the file.</summary>
    public Tensor this[string key] => file.Tensors.TryGetValue(key, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"The golden case '{name}' has no '{key}'.");

    public bool Has(string key) => file.Tensors.ContainsKey(key);

    public double Number(string key) => parameters.GetProperty(key).GetDouble();

    public bool Truth(string key) => parameters.GetProperty(key).GetBoolean();

    /// <summary>An input that collects its gradient.</summary>
    public Tensor Input(string key) => this[key].clone().requires_grad_();

    /// <summary>A batch with the case's labels; losses read nothing else of it.</summary>
    public Batch Batch()
    {
        var labels = this["labels"];
        var size = (int)labels.shape[0];
        return Refilled.Data.Batch.Owning(zeros([size, 1, 1, 1], ScalarType.Byte), labels.clone(), new long[size], new int[size]);
    }

    /// <summary>A value agrees: largest error within the file's tolerance (1e-5 of the largest golden entry, or 1e-7 where all are
    /// zero).</summary>
    public void Agrees(string key, Tensor actual) => Close(key, actual, "value_rel");

    /// <summary>A gradient agrees: largest error within the file's tolerance (1e-4 of the largest golden entry, or 1e-7 where all
    /// are zero).</summary>
    public void GradientAgrees(string key, Tensor? actual)
    {
        Assert.NotNull(actual);
        Close(key, actual, "grad_rel");
    }

    /// <summary>Indices are the same.</summary>
    public void Same(string key, Tensor actual)
    {
        var expected = this[key];
        Assert.Equal(expected.shape, actual.shape);
        if (expected.numel() == 0) return; // the engine can't list an empty tensor
        Assert.Equal(expected.to(ScalarType.Int64).contiguous().data<long>().ToArray(),
            actual.to(ScalarType.Int64).contiguous().data<long>().ToArray());
    }

    private void Close(string key, Tensor actual, string tolerance)
    {
        var expected = this[key].to(ScalarType.Float64);
        var value = actual.detach().to(ScalarType.Float64);
        if (expected.numel() == 1) value = value.view(expected.shape);
        Assert.Equal(expected.shape, value.shape);
        if (expected.numel() == 0) return;
        var scale = expected.abs().max().Number();
        var error = (value - expected).abs().max().Number();
        Assert.True(error <= (scale == 0 ? Tolerance("abs_if_golden_is_zero") : Tolerance(tolerance) * scale),
            $"{name}: '{key}' is off by {error:g3}; the largest golden entry is {scale:g3}.");
    }

    private double Tolerance(string key) => tolerances.GetProperty(key).GetDouble();

    public void Dispose() => file.Dispose();
}
