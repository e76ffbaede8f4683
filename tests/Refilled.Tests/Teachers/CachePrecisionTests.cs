using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>Embeddings that are kept in fp16.</summary>
public sealed class CachePrecisionTests : IDisposable
{
    private const int Count = 30;

    private static readonly ImageSet Images = MadeUpImages.Set(Count, 4, 8);

    private static readonly CacheOptions Half = new()
        { DataHash = "made up", ViewSeed = 5, Views = 3, Block = 8, Precision = CachePrecision.Fp16 };

    private readonly TemporaryFolder folder = new();
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static Tensor Embeddings => randn(Count, 6, generator: new Generator(1));

    private static Tensor Observed(CachedTeacher cached, Func<Signals, Tensor> read, Needs needs = Needs.Embedding)
    {
        using var batch = new BatchStream(Images, new BatchStreamOptions { BatchSize = Count, Views = 3, ViewSeed = 5 }).Epoch(0).Single();
        var signals = cached.Observe(batch, needs);
        return read(signals).index_select(0, tensor(batch.SampleIds.ToArray()).argsort());
    }

    private static void Same(Tensor expected, Tensor found) => Assert.True(expected.equal(found).all().item<bool>());

    private CacheOptions In(string? place) => Half with { Folder = place is null ? null : folder[place] };

    private string File(string place) => Assert.Single(Directory.GetFiles(folder[place]));

    [Theory]
    [InlineData(null)]
    [InlineData("files")]
    public void They_are_what_rounding_makes_of_them_and_logits_stay_as_they_are(string? place)
    {
        var (embeddings, logits) = (Embeddings, randn(Count, 3, generator: new Generator(2)).Times(1e6));
        using var cached = new CachedTeacher(new TwoSignals(embeddings, logits), Images, In(place));
        var rounded = embeddings.to(ScalarType.Float16).to(ScalarType.Float32);
        Same(rounded, Observed(cached, signals => signals.Embedding));
        Same(logits, Observed(cached, signals => signals.Logits, Needs.Logits));
        Assert.False(rounded.equal(embeddings).all().item<bool>());
        Assert.Equal(ScalarType.Float32, Observed(cached, signals => signals.Embedding).dtype);
        if (place is null) return;
        using var again = new CachedTeacher(new Silent(embeddings, logits), Images, In(place));
        Same(rounded, Observed(again, signals => signals.Embedding));
        Same(logits, Observed(again, signals => signals.Logits, Needs.Logits));
    }

    [Fact]
    public void A_file_has_half_the_numbers_bytes_and_says_its_format()
    {
        var embeddings = Embeddings;
        foreach (var (place, precision) in new[] { ("half", CachePrecision.Fp16), ("whole", CachePrecision.Fp32) })
        {
            using var cached = new CachedTeacher(new StoredTeacher(embeddings), Images, In(place) with { Precision = precision });
            cached.Prepare(0, Needs.Embedding);
        }
        var (half, whole) = (Header("half", out var halfStart), Header("whole", out var wholeStart));
        Assert.Equal(2 * (new FileInfo(File("half")).Length - halfStart), new FileInfo(File("whole")).Length - wholeStart);
        Assert.Equal(("refilled-signals/2", "refilled-signals/1"), (half.Metadata["format"], whole.Metadata["format"]));
        Assert.Equal(("embedding", ScalarType.Float16), (half.Entries[0].Name, half.Entries[0].Type));
        using var teacher = new StoredTeacher(embeddings);
        Assert.Equal(Count * 3L * 6 * 2, CachedTeacher.BytesFor(teacher, Count, 3, CachePrecision.Fp16));
        SafetensorsHeader Header(string place, out long start) => Safetensors.ReadHeader(File(place), out start);
    }

    /// <summary>As they were written before there was a choice: name, key and format are held here.</summary>
    [Fact]
    public void Files_of_before_are_read()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"format=refilled-signals/1\nteacher=stored\ndata=made up\n"
            + $"view shape={Images.Store.ViewShape}\nview policy={Images.Store.Policy}\nview seed=5\nblock=8\n"
            + string.Create(CultureInfo.InvariantCulture, $"threads={get_num_threads()}\n")));
        hash.AppendData(MemoryMarshal.AsBytes<long>(Enumerable.Range(0, Count).Select(i => (long)i).ToArray()));
        var key = Convert.ToHexStringLower(hash.GetHashAndReset());
        var old = Embeddings.contiguous();
        Directory.CreateDirectory(folder["old"]);
        Safetensors.Write(folder[$"old/{key[..32]}-view0.safetensors"], [new("signals", old)], new Dictionary<string, string>
        {
            ["format"] = "refilled-signals/1", ["key"] = key, ["view"] = "0",
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(old.bytes)),
        });
        using var cached = new CachedTeacher(new Silent(old), Images, In("old") with { Precision = CachePrecision.Fp32 });
        Assert.Contains("1 of 3 views", Assert.Single(cached.Notes), StringComparison.Ordinal);
        Same(old, Observed(cached, signals => signals.Embedding));
    }

    [Theory]
    [InlineData(CachePrecision.Fp16, CachePrecision.Fp32)]
    [InlineData(CachePrecision.Fp32, CachePrecision.Fp16)]
    public void Those_of_the_other_precision_are_not_taken(CachePrecision kept, CachePrecision asked)
    {
        var embeddings = Embeddings;
        using (var first = new CachedTeacher(new StoredTeacher(embeddings), Images, In("shared") with { Precision = kept }))
            first.Prepare(0, Needs.Embedding);
        var file = File("shared");
        using (var other = new CachedTeacher(new StoredTeacher(embeddings), Images, In("shared") with { Precision = asked }))
        {
            Assert.Empty(other.Notes);
            other.Prepare(0, Needs.Embedding);
        }
        var named = Directory.GetFiles(folder["shared"]).Single(path => path != file);
        // Nor under the other's name.
        System.IO.File.Move(file, named, overwrite: true);
        using var cached = new CachedTeacher(new StoredTeacher(embeddings), Images, In("shared") with { Precision = asked });
        Assert.Contains("is no cache of this teacher's signals", Assert.Single(cached.Notes), StringComparison.Ordinal);
        Same(asked == CachePrecision.Fp32 ? embeddings : embeddings.to(ScalarType.Float16).to(ScalarType.Float32),
            Observed(cached, signals => signals.Embedding));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-3 * Count)]
    public void A_damaged_file_is_made_again_whichever_part_it_is(int place)
    {
        var (embeddings, logits) = (Embeddings, randn(Count, 3));
        using (var first = new CachedTeacher(new TwoSignals(embeddings, logits), Images, In("files"))) first.Prepare(0, Needs.Embedding);
        Safetensors.ReadHeader(File("files"), out var start);
        var bytes = System.IO.File.ReadAllBytes(File("files"));
        bytes[place < 0 ? bytes.Length + place : start + place] ^= 1;
        System.IO.File.WriteAllBytes(File("files"), bytes);
        using var cached = new CachedTeacher(new TwoSignals(embeddings, logits), Images, In("files"));
        Assert.Contains("its checksum is wrong. It is made again.", Assert.Single(cached.Notes), StringComparison.Ordinal);
        Same(logits, Observed(cached, signals => signals.Logits, Needs.Logits));
    }

    [Theory]
    [InlineData(65504f, null)]
    [InlineData(65519f, null)] // rounds to it
    [InlineData(70000f, "image 13 of the data holds 70000, and fp16 ends at 65504: keep its answers in fp32 (teacher-cache-precision)")]
    [InlineData(-1e6f, "image 13 of the data holds -1E+06, and fp16 ends at 65504")]
    public void What_is_too_large_is_refused_and_nothing_of_it_kept(float number, string? said)
    {
        var embeddings = Embeddings;
        embeddings[13, 2].copy_(tensor(number));
        Refused(embeddings, said);
    }

    [Theory]
    [InlineData(1e-3f, null)]
    [InlineData(1e-7f, "image 13 of the data has the length ")]
    [InlineData(0f, null)]
    public void What_is_too_small_is_refused_and_zeros_are_kept(float factor, string? said)
    {
        var embeddings = Embeddings;
        embeddings[13].mul_(tensor(factor));
        Refused(embeddings, said);
    }

    private void Refused(Tensor embeddings, string? said)
    {
        foreach (var place in new[] { null, "files" })
        {
            using var cached = new CachedTeacher(new StoredTeacher(embeddings), Images, In(place));
            if (said is null) cached.Prepare(0, Needs.Embedding);
            else
            {
                var message = Assert.Throws<InputException>(() => cached.Prepare(0, Needs.Embedding)).Message;
                Assert.Contains(said, message, StringComparison.Ordinal);
            }
        }
        Assert.Equal(said is null ? 1 : 0, Directory.GetFiles(folder["files"]).Length);
        using var whole = new CachedTeacher(new StoredTeacher(embeddings), Images, Half with { Precision = CachePrecision.Fp32 });
        Same(embeddings, Observed(whole, signals => signals.Embedding));
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(float.NegativeInfinity, 1)]
    public void What_is_no_number_is_told_as_that(float number, int part)
    {
        var parts = new[] { Embeddings, ones(Count, 3) };
        parts[part][13, 2].copy_(tensor(number));
        using var cached = new CachedTeacher(new TwoSignals(parts[0], parts[1]), Images, In("files"));
        Assert.Contains("image 13 of the data holds numbers that are NaN or infinite",
            Assert.Throws<NotFiniteNumberException>(() => cached.Prepare(0, Needs.Embedding)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["files"]));
    }

    /// <summary>Row i of two tables for sample i.</summary>
    private sealed class TwoSignals(Tensor embeddings, Tensor logits) : ITeacher
    {
        public string Fingerprint => "stored";

        public Needs Provides => Needs.Embedding | Needs.Logits;

        public int EmbeddingSize => (int)embeddings.shape[1];

        public IReadOnlyList<string> ClassNames => ["a", "b", "c"];

        public void Dispose() { }

        public Signals Observe(Batch batch, Needs needs)
        {
            var rows = tensor(batch.SampleIds.ToArray());
            return new Signals(embeddings.index_select(0, rows), logits.index_select(0, rows));
        }
    }

    /// <summary>The same, that isn't to be asked.</summary>
    private sealed class Silent(Tensor embeddings, Tensor? logits = null) : ITeacher
    {
        public string Fingerprint => "stored";

        public Needs Provides => logits is null ? Needs.Embedding : Needs.Embedding | Needs.Logits;

        public int EmbeddingSize => (int)embeddings.shape[1];

        public IReadOnlyList<string> ClassNames => logits is null ? [] : ["a", "b", "c"];

        public void Dispose() { }

        public Signals Observe(Batch batch, Needs needs) => throw new InvalidOperationException("it is asked");
    }
}
