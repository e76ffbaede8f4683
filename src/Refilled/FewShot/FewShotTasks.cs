using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data.Episodes;

namespace Refilled.FewShot;

/// <summary>Consecutive few-shot tasks over one source.</summary>
public sealed class FewShotTasks
{
    private readonly EpisodeSampler sampler;

    /// <inheritdoc cref="FewShotTasks"/>
    /// <param name="source">The images.</param>
    /// <param name="shape">The size of a task.</param>
    /// <param name="seed">Decides, with the number of a task, what is drawn.</param>
    /// <param name="count">How many. Default 10,000, as usual in the field.</param>
    /// <param name="first">Number of the first. Default 0.</param>
    /// <exception cref="InputException">The source has too few classes or images for such tasks, or there are fewer than 2 tasks,
    /// of which no interval can be told.</exception>
    public FewShotTasks(FewShotSource source, EpisodeShape shape, long seed, int count = 10_000, long first = 0)
    {
        if (count < 2) throw new InputException($"An interval needs at least 2 tasks, not {count}.");
        (Source, First, Count) = (source, first, count);
        sampler = new EpisodeSampler(source.Set, shape, seed);
    }

    /// <summary>The images.</summary>
    public FewShotSource Source { get; }

    /// <summary>The size of a task.</summary>
    public EpisodeShape Shape => sampler.Shape;

    /// <summary>What decides, with the number of a task, what is drawn.</summary>
    public long Seed => sampler.Seed;

    /// <summary>Number of the first task.</summary>
    public long First { get; }

    /// <summary>How many tasks, T.</summary>
    public int Count { get; }

    /// <summary>Task <c>First + index</c>.</summary>
    public FewShotTask this[int index] => FewShotTask.Of(Source, sampler, First + index);

    /// <summary>A hash of all that decides which images are in which task.</summary>
    /// <remarks>Equal tasks of the same images have the same.</remarks>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var number = new byte[sizeof(long)];
        void Add(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            hash.AppendData(number);
        }
        foreach (var value in new[] { Shape.Way, Shape.Shot, Shape.Query, Seed, First, Count, Source.Set.Classes, Source.Set.Count })
            Add(value);
        foreach (var name in Source.Set.ClassNames) hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
        foreach (var id in Source.Set.SampleIds) Add(id);
        foreach (var label in Source.Set.Labels) Add(label);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
