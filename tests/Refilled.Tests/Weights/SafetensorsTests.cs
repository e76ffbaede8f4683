using System.Text;
using Refilled.Tests.Support;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Tests.Weights;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_type_comes_back(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensor = arange(24).view(2, 3, 4).to(type);
        Safetensors.Write(folder["a"], [KeyValuePair.Create("x", tensor)]);
        using var read = Safetensors.Read(folder["a"]);
        Assert.Equal(type, read.Tensors["x"].dtype);
        Assert.True(tensor.equal(read.Tensors["x"]).all().item<bool>());
    }

    [Fact]
    public void Any_layout_is_written_in_order()
    {
        using var scope = NewDisposeScope();
        var plain = arange(2 * 3 * 4 * 5, ScalarType.Float32).view(2, 3, 4, 5);
        var channelsLast = plain.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_();
        Assert.False(channelsLast.is_contiguous());
        var tensors = new Dictionary<string, Tensor> { ["b"] = channelsLast, ["a"] = channelsLast.detach().to(ScalarType.BFloat16), ["scalar"] = tensor(7.5), ["none"] = zeros(0, 3), ["slice"] = plain.select(1, 1) };
        Safetensors.Write(folder["a"], tensors, new Dictionary<string, string> { ["note"] = "ü \"quoted\"" });
        using var read = Safetensors.Read(folder["a"]);
        Assert.Equal(tensors.Keys, read.Tensors.Keys);
        foreach (var (name, expected) in tensors)
        {
            Assert.Equal(expected.shape, read.Tensors[name].shape);
            Assert.True(expected.detach().equal(read.Tensors[name]).all().item<bool>());
        }
        Assert.Equal("ü \"quoted\"", read.Metadata["note"]);
    }

    [Fact]
    public void A_failed_write_leaves_what_was_there()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(folder["a"], [KeyValuePair.Create("x", ones(2))]);
        var before = File.ReadAllBytes(folder["a"]);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["a"], [KeyValuePair.Create("x", ones(2)), KeyValuePair.Create("y", zeros(2, ScalarType.ComplexFloat64))]));
        Assert.Equal(before, File.ReadAllBytes(folder["a"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Files_of_pytorch_are_read()
    {
        using var fp32 = Safetensors.Read(Repository.Shared("fixtures", "pytorch", "wrn-10-1.safetensors"));
        using var bf16 = Safetensors.Read(Repository.Shared("fixtures", "pytorch", "wrn-10-1.bf16.safetensors"));
        Assert.Equal(fp32.Tensors.Keys.Order(), bf16.Tensors.Keys.Order());
        foreach (var (name, tensor) in fp32.Tensors.Where(pair => pair.Value.dtype == ScalarType.Float32))
            Assert.True(tensor.to(ScalarType.BFloat16).equal(bf16.Tensors[name]).all().item<bool>(), name);
    }

    [Fact]
    public void Every_truncation_and_many_damages_are_noticed_or_harmless()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(folder["a"], new Dictionary<string, Tensor> { ["x"] = arange(6, ScalarType.Int16), ["y"] = ones(2, 2) });
        var whole = File.ReadAllBytes(folder["a"]);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder["b"], whole[..length]);
            Assert.Contains(folder["b"], Assert.Throws<InputException>(() => Safetensors.Read(folder["b"])).Message, StringComparison.Ordinal);
        }
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 0x15;
            File.WriteAllBytes(folder["b"], damaged);
            try { Safetensors.Read(folder["b"]).Dispose(); }
            catch (InputException) { }
        }
    }

    [Theory]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", "takes 4 bytes by dtype and shape, but 8")]
    [InlineData("{\"x\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype 'F31'")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,8]}}", "absurd shape")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at 4")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "begins at 0")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}}", "at least 0")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "no JSON")]
    public void A_header_that_lies_is_refused(string header, string message)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(folder["b"], [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[8]]);
        Assert.Contains(message, Assert.Throws<InputException>(() => Safetensors.Read(folder["b"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Contains("nowhere", Assert.Throws<InputException>(() => Safetensors.Read(folder["nowhere"])).Message, StringComparison.Ordinal);
}
