using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.FewShot;
using Refilled.Networks;

namespace Refilled.Experiments.FewShot;

/// <summary>The user's own images as one few-shot task: a folder of labelled images, and maybe one of images to classify.</summary>
internal sealed class OwnImages : IDisposable
{
    private readonly FewShotSource support;
    private readonly FewShotSource? query;

    private OwnImages(FewShotSource support, FewShotSource? query, IReadOnlyList<string> notes) =>
        (this.support, this.query, Notes) = (support, query, notes);

    /// <summary>Remarks about the images.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => support.Set.ClassNames;

    /// <summary>The task; without images to classify it has no queries.</summary>
    public FewShotTask Task => new(0, support.Set.Classes, All(support), query is null ? new FewShotImages(support, [], []) : All(query));

    /// <summary>Reads the images at the size that a network wants.</summary>
    /// <exception cref="InputException">A folder can't be used, or the two have different classes.</exception>
    public static OwnImages Load(FewShotRecipe recipe, InputSpec input, CancellationToken cancel)
    {
        if (input.Width != input.Height)
            throw new InputException($"The backbone '{recipe.Backbone}' wants {input.Width}×{input.Height} pixels, "
                + "but images of your own are brought to squares.");
        var options = recipe.DataOptions with { ImageSize = input.Height, DecodedCache = DecodedCacheMode.Off, TestPart = 0 };
        var support = Read(recipe.Support!, options, cancel);
        var query = recipe.Query is { } folder ? Read(folder, options, cancel) : null;
        if (query is not null) CheckClasses(recipe, support.Train.ClassNames, query.Train.ClassNames);
        return new OwnImages(new FewShotSource(support.Train), query is null ? null : new FewShotSource(query.Train),
            [.. support.Notes, .. query?.Notes ?? []]);
    }

    /// <summary>The images' sources, each once.</summary>
    public IEnumerable<FewShotSource> Sources => query is null ? [support] : [support, query];

    /// <inheritdoc/>
    public void Dispose()
    {
        support.Dispose();
        query?.Dispose();
    }

    private static Dataset Read(string folder, DataOptions options, CancellationToken cancel)
    {
        var data = DataCatalog.Load(folder, options, cancel);
        return data.Test.Count == 0 && data.Validation is null ? data
            : throw new InputException($"'{folder}' is divided into training and test images; name one part, "
                + $"such as '{Path.Combine(folder, "train")}', or a folder with a folder of images for each class.");
    }

    private static void CheckClasses(FewShotRecipe recipe, IReadOnlyList<string> support, IReadOnlyList<string> query)
    {
        static string List(List<string> names) =>
            string.Join(", ", names.Take(5).Select(name => $"'{name}'")) + (names.Count > 5 ? " …" : "");
        var (unknown, absent) = (query.Except(support).ToList(), support.Except(query).ToList());
        if (unknown.Count == 0 && absent.Count == 0) return;
        var problems = new List<string>();
        if (unknown.Count > 0)
            problems.Add($"'{recipe.Query}' has {List(unknown)}, which '{recipe.Support}' hasn't"
                + (NearestName.Find(unknown[0], absent) is { } near ? $" (is '{near}' meant?)" : ""));
        if (absent.Count > 0) problems.Add($"'{recipe.Query}' lacks {List(absent)}, which '{recipe.Support}' has");
        throw new InputException("The two folders must have the same classes, but "
            + $"{(unknown.Count == query.Count ? "they share none: " : "")}{string.Join(", and ", problems)}.");
    }

    private static FewShotImages All(FewShotSource source) => new(source, [.. Enumerable.Range(0, source.Set.Count)], source.Set.Labels);
}
