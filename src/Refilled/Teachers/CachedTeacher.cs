using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>Remembers a teacher's embeddings and logits for every view of every training image: it sees each only once.</summary>
/// <remarks>It is exact, because a view is a pure function; and a view is filled whole, in the order of the sample ids and in
/// blocks of a fixed size, so that what is kept never depends on batches, methods or seeds, which may share it. Feature maps are
/// not kept: a pass that needs them goes to the teacher itself, as do images outside the set, and those mixed with others than
/// the set mixes them with. Each view is a file (or an array) of its own, so that runs with different numbers of views share those that
/// they have in common.</remarks>
public sealed class CachedTeacher : ITeacher
{
    private const Needs Kept = Needs.Embedding | Needs.Logits;

    private readonly ITeacher teacher;
    private readonly ImageSet set;
    private readonly CacheOptions options;
    private readonly ConcurrentDictionary<int, SignalRows> views = [];
    private readonly Lock filling = new();
    private readonly Dictionary<long, int> positions;
    private readonly List<string> notes = [];
    private readonly SignalLayout layout;

    /// <inheritdoc cref="CachedTeacher"/>
    /// <param name="teacher">The teacher; the cache owns it from now on.</param>
    /// <param name="set">The training images.</param>
    /// <param name="options">What is kept, and where. Files that are there already are checked now.</param>
    /// <param name="cancel">Stops the checking.</param>
    public CachedTeacher(ITeacher teacher, ImageSet set, CacheOptions options, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Block, 1);
        (this.teacher, this.options) = (teacher, options);
        var order = Enumerable.Range(0, set.Count).DistinctBy(i => set.SampleIds[i]).OrderBy(i => set.SampleIds[i]).ToList();
        this.set = set.At(order);
        positions = this.set.SampleIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        layout = new SignalLayout(this.set.Count, teacher.EmbeddingSize, LogitsOf(teacher), options.Precision);
        Key = KeyOf(teacher, this.set, layout, options);
        if (options.Folder is null) return;
        // Of a set whose views are mixed, a stage may still be shown them as they are.
        var looked = Enumerable.Range(0, options.Views)
            .SelectMany(view => set.Mixing is null ? new[] { view } : [view, View.MixedOf(view)]).ToList();
        foreach (var view in looked) Find(view, cancel);
        if (!views.IsEmpty)
            notes.Add($"{views.Count} of {looked.Count} views of the teacher's signals are in the cache already ({options.Folder}).");
    }

    /// <inheritdoc/>
    public Needs Provides => teacher.Provides;

    /// <inheritdoc/>
    public int EmbeddingSize => teacher.EmbeddingSize;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => teacher.ClassNames;

    /// <inheritdoc/>
    public string Fingerprint => teacher.Fingerprint;

    /// <inheritdoc/>
    public bool AnswersBeside => teacher.AnswersBeside;

    /// <summary>A hash (hex) of everything that decides what is kept.</summary>
    public string Key { get; }

    /// <summary>Remarks for the user: what was found, and what was broken and will be made again.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (notes) return [.. notes];
        }
    }

    /// <summary>Bytes that the signals of a number of views take.</summary>
    public static long BytesFor(ITeacher teacher, int images, int views, CachePrecision precision = CachePrecision.Fp32) =>
        views * new SignalLayout(images, teacher.EmbeddingSize, LogitsOf(teacher), precision).Bytes;

    /// <inheritdoc/>
    public Signals Observe(Batch batch, Needs needs)
    {
        if ((needs & ~Kept) != Needs.None || !Knows(batch)) return teacher.Observe(batch, needs);
        using var scope = NewDisposeScope();
        var embeddings = needs.HasFlag(Needs.Embedding) ? empty([batch.Size, EmbeddingSize], layout.EmbeddingType) : null;
        var logits = needs.HasFlag(Needs.Logits) ? empty([batch.Size, layout.Logits]) : null;
        for (var i = 0; i < batch.Size; i++)
        {
            var (rows, position) = (Rows(batch.Views[i]), positions[batch.SampleIds[i]]);
            if (embeddings is not null) rows.Embedding(position).CopyTo(RowOf(embeddings, i, batch.Size));
            if (logits is not null) rows.Logits(position).CopyTo(RowOf(logits, i, batch.Size));
        }
        return new Signals(
            embeddings?.to(options.Device).to(ScalarType.Float32).MoveToOuterDisposeScope(),
            logits?.to(options.Device).MoveToOuterDisposeScope());
    }

    /// <summary>Fills a view, unless it is there already. Another thread may meanwhile read others.</summary>
    /// <exception cref="InputException">Its file can't be written, or an embedding can't be kept in fp16.</exception>
    /// <exception cref="NotFiniteNumberException">An answer is NaN or infinite; the view isn't kept.</exception>
    public void Prepare(int view, Needs needs, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        // Whoever reads what is there mustn't wait for what is being filled.
        if ((needs & ~Kept) != Needs.None || views.ContainsKey(view)) return;
        lock (filling)
        {
            if (!views.ContainsKey(view)) Find(view, cancel);
            if (!views.ContainsKey(view)) views[view] = Fill(view, progress, cancel);
        }
    }

    private SignalRows Fill(int view, Action<int, int>? progress, CancellationToken cancel)
    {
        var order = new BatchStreamOptions { BatchSize = options.Block, ViewSeed = options.ViewSeed, FixedView = view };
        var stream = new BatchStream(set, order);
        var done = 0;
        var blocks = stream.Epoch(0).Read(batch =>
        {
            var block = Block(batch, cancel);
            progress?.Invoke(done += batch.Size, set.Count);
            return block;
        }, cancel);
        if (options.Folder is null) return SignalRows.InMemory(layout, blocks);
        SignalFile.Write(PathOf(view), Key, view, layout, blocks);
        return SignalFile.Open(PathOf(view), Key, view, layout, cancel);
    }

    /// <summary>Frees what is kept in memory, and the teacher; files stay.</summary>
    public void Dispose()
    {
        foreach (var rows in views.Values) rows.Dispose();
        views.Clear();
        if (!options.LeavesTeacher) teacher.Dispose();
    }

    /// <summary>Whether all images are of the set, and are mixed, if at all, with what the set mixes them with.</summary>
    /// <remarks>A part of the set, or a larger one, draws other partners for the same views.</remarks>
    private bool Knows(Batch batch) => Enumerable.Range(0, batch.Size).All(i =>
        new View(options.ViewSeed, batch.SampleIds[i], batch.Views[i]) is var view && positions.ContainsKey(view.SampleId)
        && (!view.IsMixed || (set.Partners is { } partners && partners.Of(view.Plain).Partner == batch.PartnerIds?[i])));

    private static int LogitsOf(ITeacher teacher) => teacher.Provides.HasFlag(Needs.Logits) ? teacher.ClassNames.Count : 0;

    private static Span<byte> RowOf(Tensor matrix, int row, int rows)
    {
        var bytes = matrix.bytes;
        return bytes.Slice(bytes.Length / rows * row, bytes.Length / rows);
    }

    /// <summary>The rows of some images, of each part.</summary>
    private byte[][] Block(Batch batch, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var signals = teacher.Observe(batch, Kept & teacher.Provides, cancel);
        var embeddings = Finite(batch, signals.Embedding);
        var logits = layout.Logits == 0 ? null : Finite(batch, signals.Logits);
        if (options.Precision == CachePrecision.Fp32)
            return [(logits is null ? embeddings : cat([embeddings, logits], 1)).bytes.ToArray()];
        var half = embeddings.to(ScalarType.Float16);
        if (HalfPrecisionRange.Misfit(embeddings, half) is var (row, why))
            throw new InputException($"The teacher's embedding of image {batch.SampleIds[row]} of the data {why}: keep its answers in fp32 "
                + "(teacher-cache-precision).");
        return logits is null ? [half.bytes.ToArray()] : [logits.bytes.ToArray(), half.bytes.ToArray()];
    }

    /// <summary>Answers as they can be kept: fp32, on the CPU, contiguous.</summary>
    private Tensor Finite(Batch batch, Tensor answers)
    {
        var found = answers.to(ScalarType.Float32).cpu().contiguous();
        var numbers = MemoryMarshal.Cast<byte, float>(found.bytes);
        for (var i = 0; i < numbers.Length; i++)
            if (!float.IsFinite(numbers[i]))
                throw new NotFiniteNumberException($"The teacher's answer to image {batch.SampleIds[i / (int)found.shape[1]]} of the data "
                    + "holds numbers that are NaN or infinite, and isn't kept"
                    + $"{(options.Folder is null ? "" : $" in '{options.Folder}'")}. Its weights may be damaged, or its number format too "
                    + "narrow: try --precision fp32.");
        return found;
    }

    /// <summary>A view's rows; the first time, they are filled.</summary>
    private SignalRows Rows(int view)
    {
        Prepare(view, Kept);
        return views[view];
    }

    private void Find(int view, CancellationToken cancel)
    {
        if (options.Folder is null || !File.Exists(PathOf(view))) return;
        try
        {
            views[view] = SignalFile.Open(PathOf(view), Key, view, layout, cancel);
        }
        catch (InputException e)
        {
            var note = $"{e.Message} It is made again.";
            lock (notes)
                if (!notes.Contains(note)) notes.Add(note);
        }
    }

    private string PathOf(int view)
    {
        var number = View.PlainOf(view).ToString(CultureInfo.InvariantCulture);
        var name = view == View.Evaluation ? "evaluation" : view < View.Evaluation ? $"mixed{number}" : $"view{number}";
        return Path.Combine(options.Folder!, $"{Key[..32]}-{name}.safetensors");
    }

    private static string KeyOf(ITeacher teacher, ImageSet set, SignalLayout layout, CacheOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string name, object value) =>
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}={value}\n")));
        Add("format", layout.Format); // another for another precision
        Add("teacher", teacher.Fingerprint);
        Add("data", options.DataHash);
        Add("view shape", set.Store.ViewShape);
        Add("view policy", set.Store.Policy);
        if (set.Mixing is { } mixing) Add("mixing", mixing); // with images of the set, which follow
        Add("view seed", options.ViewSeed);
        Add("block", options.Block);
        Add("threads", get_num_threads()); // sums depend on it
        // The class split, the images per class and the hold-out, all of them by their result.
        hash.AppendData(MemoryMarshal.AsBytes<long>(set.SampleIds.ToArray()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
