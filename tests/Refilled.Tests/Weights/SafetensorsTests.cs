using System.Text;
using System.Text.Json;
using Refilled.Tests.Support;
using Refilled.Weights;
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
        var tensor = Numbers.Range(0, 24).view(2, 3, 4).to(type);
        Safetensors.Write(folder["a"], [KeyValuePair.Create("x", tensor)]);
        using var read = Safetensors.Read(folder["a"]);
        Assert.Equal(type, read.Tensors["x"].dtype);
        Assert.True(tensor.equal(read.Tensors["x"]).all().item<bool>());
    }

    [Fact]
    public void Any_layout_is_written_in_order()
    {
        using var scope = NewDisposeScope();
        var plain = Numbers.Range(0, 2 * 3 * 4 * 5).to(ScalarType.Float32).view(2, 3, 4, 5);
        var channelsLast = plain.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_();
        Assert.False(channelsLast.is_contiguous());
        var tensors = new Dictionary<string, Tensor>
        {
            ["b"] = channelsLast,
            ["a"] = channelsLast.detach().to(ScalarType.BFloat16),
            ["scalar"] = tensor(7.5),
            ["none"] = zeros(0, 3),
            ["slice"] = plain.select(1, 1),
        };
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
        Assert.Throws<ArgumentException>(() =>
            Safetensors.Write(folder["a"],
                [KeyValuePair.Create("x", ones(2)), KeyValuePair.Create("y", zeros(2, ScalarType.ComplexFloat64))]));
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
        Safetensors.Write(folder["a"],
            new Dictionary<string, Tensor> { ["x"] = Numbers.Range(0, 6).to(ScalarType.Int16), ["y"] = ones(2, 2) });
        var whole = File.ReadAllBytes(folder["a"]);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder["b"], whole[..length]);
            Assert.Contains(folder["b"], Assert.Throws<InputException>(() => Safetensors.Read(folder["b"])).Message,
                StringComparison.Ordinal);
        }
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            foreach (byte flip in (byte[])[0x01, 0x15, 0x80, 0xff])
            {
                damaged[i] = (byte)(whole[i] ^ flip);
                ReadOrRefuse(damaged);
            }
        }
    }

    [Fact]
    public void Random_damage_of_a_header_is_noticed_or_harmless()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(folder["a"],
            new Dictionary<string, Tensor> { ["x"] = Numbers.Range(0, 6).to(ScalarType.Int16), ["none"] = zeros(0, 3), ["y"] = ones(2, 2) },
            new Dictionary<string, string> { ["k"] = "v" });
        var whole = File.ReadAllBytes(folder["a"]);
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = (byte[])whole.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
                // Half of the changes keep the JSON likely to parse: a digit for a digit.
                if (random.Next(2) == 0) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                else if (random.Next(8, damaged.Length - 28) is var at && char.IsAsciiDigit((char)damaged[at]))
                    damaged[at] = (byte)('0' + random.Next(10));
            ReadOrRefuse(damaged);
        }
    }

    private void ReadOrRefuse(byte[] bytes)
    {
        File.WriteAllBytes(folder["b"], bytes);
        try { Safetensors.Read(folder["b"]).Dispose(); }
        catch (InputException) { }
    }

    private InputException Refused(string header, int data)
    {
        // Latin-1 keeps every char below 256 one byte, so that a test can write malformed UTF-8.
        var json = Encoding.Latin1.GetBytes(header);
        File.WriteAllBytes(folder["b"], [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[data]]);
        return Assert.Throws<InputException>(() => Safetensors.Read(folder["b"]));
    }

    [Theory]
    [InlineData("{\"\u00ff\u00fe\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"x\":{\"dtype\":\"\u00c3\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{\"k\":\"\\udfff\"},\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{\"\u0080\":\"v\"},\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    public void Text_that_is_no_unicode_is_refused(string header) =>
        Assert.Contains("Unicode", Refused(header, 1).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[0,9223372036854775807,9223372036854775807]")]
    [InlineData("[9223372036854775807,2,0]")]
    [InlineData("[0,4611686018427387904]")]
    public void An_empty_tensor_of_absurd_sizes_is_refused(string shape) =>
        Assert.Contains("'x' has an absurd shape",
            Refused($"{{\"x\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[0,0]}}}}", 0).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_many_dimensions_are_refused()
    {
        var sizes = string.Join(',', Enumerable.Repeat(1, 3000));
        Assert.Contains("'x' has 3000 dimensions",
            Refused($"{{\"x\":{{\"dtype\":\"U8\",\"shape\":[{sizes}],\"data_offsets\":[0,1]}}}}", 1).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_stands_twice_is_refused() =>
        Assert.Contains("'x' stands twice",
            Refused("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2).Message, StringComparison.Ordinal);

    [Fact]
    public void A_header_longer_than_the_file_is_refused_before_it_is_allocated()
    {
        File.WriteAllBytes(folder["b"], [.. BitConverter.GetBytes(ulong.MaxValue), .. new byte[16]]);
        Assert.Contains("claims 18446744073709551615 bytes", Assert.Throws<InputException>(() => Safetensors.Read(folder["b"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_could_not_be_read_back_are_not_written()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() =>
            Safetensors.Write(folder["a"], [KeyValuePair.Create("x", ones(1)), KeyValuePair.Create("x", ones(1))]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["a"], [KeyValuePair.Create("__metadata__", ones(1))]));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Every_tensor_begins_at_a_multiple_of_its_element_and_names_keep_their_order()
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["odd"] = ones(3, ScalarType.Byte),
            ["wide"] = Numbers.Range(0, 2).to(ScalarType.Float64),
            ["half"] = ones(1, ScalarType.BFloat16),
            ["single"] = ones(1),
        };
        Safetensors.Write(folder["a"], tensors);
        var bytes = File.ReadAllBytes(folder["a"]);
        var length = BitConverter.ToInt64(bytes);
        Assert.Equal(0, length % 8);
        var header = JsonDocument.Parse(bytes.AsMemory(8, (int)length)).RootElement.EnumerateObject().ToList();
        Assert.Equal(tensors.Keys, header.Select(entry => entry.Name));
        foreach (var entry in header)
            Assert.Equal(0, entry.Value.GetProperty("data_offsets")[0].GetInt64() % tensors[entry.Name].element_size());
        using var read = Safetensors.Read(folder["a"]);
        foreach (var (name, tensor) in tensors) Assert.True(tensor.equal(read.Tensors[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData(double.NaN, ScalarType.Float32)]
    [InlineData(double.NegativeInfinity, ScalarType.BFloat16)]
    [InlineData(double.PositiveInfinity, ScalarType.Float64)]
    public void What_is_not_finite_is_not_written(double number, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(folder["a"], [KeyValuePair.Create("x", ones(2))]);
        var before = File.ReadAllBytes(folder["a"]);
        var tensors = new Dictionary<string, Tensor>
        {
            ["whole"] = ones(3, ScalarType.Int64), ["good"] = ones(2, 2), ["none"] = zeros(0, 3),
            ["bad"] = Numbers.Full([2, 2], number, type, CPU),
        };
        Assert.Equal("bad", Finite.FirstBad(tensors));
        Assert.Null(Finite.FirstBad(tensors.Take(3)));
        var message = Assert.Throws<NotFiniteNumberException>(() => Safetensors.Write(folder["a"], tensors)).Message;
        Assert.Equal($"'{folder["a"]}' is not written: its tensor 'bad' would hold numbers that are NaN or infinite.", message);
        Assert.Equal(before, File.ReadAllBytes(folder["a"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_large_tensor_is_streamed_in_pieces()
    {
        using var scope = NewDisposeScope();
        var tensor = Numbers.Range(0, 11).view(11, 1);
        var pieces = Safetensors.Pieces(tensor, bytes: 32).ToList();
        Assert.Equal([4, 4, 3], pieces.Select(piece => piece.numel()));
        Assert.Equal(tensor.bytes.ToArray(), pieces.SelectMany(piece => piece.bytes.ToArray()));
    }

    [Fact]
    public void What_was_read_outlives_the_scope_it_was_read_in()
    {
        SafetensorsFile read;
        using (NewDisposeScope())
        {
            Safetensors.Write(folder["a"], [KeyValuePair.Create("x", ones(2))]);
            read = Safetensors.Read(folder["a"]);
        }
        using (read) Assert.Equal(2, read.Tensors["x"].sum().Number());
        Assert.True(read.Tensors["x"].IsInvalid);
    }

    [Theory]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", "takes 4 bytes by dtype and shape, but 8")]
    [InlineData("{\"x\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype 'F31'")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,8]}}", "absurd shape")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at 4")]
    [InlineData("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "begins at 0")]
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
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere", Assert.Throws<InputException>(() => Safetensors.Read(folder["nowhere"])).Message,
            StringComparison.Ordinal);
}
