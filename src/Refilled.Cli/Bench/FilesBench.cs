using System.Globalization;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Weights;

namespace Refilled.Cli.Bench;

/// <summary>What <c>data inspect</c> and <c>evaluate</c> do with a folder of many small files, whole.</summary>
internal static class FilesBench
{
    /// <summary>Files that are made by default.</summary>
    public const int Usual = 10_000;

    /// <summary>Files are read, decoded, hashed, and compared with each other.</summary>
    public const string Inspect = "inspect-files-64";

    /// <summary>Files are read, decoded and hashed, and pass through a network.</summary>
    public const string Evaluate = "evaluate-files-64";

    private const int Classes = 10, Side = 64;

    /// <summary>The rows, over JPEGs of 64×64 in a temporary folder that goes with the last row.</summary>
    /// <param name="files">How many.</param>
    /// <param name="network">The network's name.</param>
    /// <param name="device">Where it computes.</param>
    public static IEnumerable<SourceRow> Rows(int files, string network, string device)
    {
        var folder = Directory.CreateTempSubdirectory("refilled-bench-").FullName;
        try
        {
            var photos = Path.Combine(folder, "photos");
            Write(photos, files);
            var data = "folder:" + photos;
            yield return new SourceRow(Inspect, cancel =>
            {
                Duplicates.Find(DataCatalog.Load(data, null, cancel), cancel);
                return files;
            });
            var file = Path.Combine(folder, "network.safetensors");
            var options = new NetworkOptions(Classes) { Input = InputSpec.Square(Side, ChannelStatistics.ImageNet) };
            using (var untrained = NetworkCatalog.Create(network, options))
                NetworkFile.Save(file, new TrainedNetwork(untrained, [.. Enumerable.Range(0, Classes).Select(Name)]));
            var recipe = new Recipe { Data = data, Method = "student", Device = device };
            var evaluation = new NetworkEvaluation(file, recipe) { OtherData = true };
            yield return new SourceRow(Evaluate, cancel => evaluation.Run([], cancel).Result.Images);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(string folder, int files)
    {
        for (var c = 0; c < Classes; c++) Directory.CreateDirectory(Path.Combine(folder, Name(c)));
        foreach (var (i, content) in MadeUpJpegs.Make(files, Side, Side).Index())
            File.WriteAllBytes(Path.Combine(folder, Name(i % Classes), string.Create(CultureInfo.InvariantCulture, $"{i}.jpg")), content);
    }

    private static string Name(int label) => string.Create(CultureInfo.InvariantCulture, $"class{label}");
}
