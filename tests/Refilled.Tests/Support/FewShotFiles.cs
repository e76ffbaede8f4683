using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Weights;
using SkiaSharp;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>What few-shot recipes name, in a folder: networks of images of 8 pixels, and photographs.</summary>
internal sealed class FewShotFiles : IDisposable
{
    public const string Data = "generated:0,classes=12,train=6,test=4";

    public TemporaryFolder Folder { get; } = new();

    /// <summary>Writes a network with weights as they were drawn, and statistics of random images.</summary>
    public string Network(string name = "backbone", string architecture = "wrn-10-1", IReadOnlyList<string>? classes = null,
        int size = 8, int seed = 1)
    {
        classes ??= ["known0", "known1", "known2"];
        using var network = Make(architecture, classes.Count, size, seed);
        Directory.CreateDirectory(Folder[name]);
        NetworkFile.Save(Folder[name, "network.safetensors"], new TrainedNetwork(network, classes));
        return Folder[name];
    }

    /// <summary>The same as a file of a format that is not ours.</summary>
    public string Foreign(string name = "teacher", string architecture = "wrn-10-1", IReadOnlyList<string>? classes = null)
    {
        var file = Folder[name + ".foreign"];
        File.Move(Path.Combine(Network(name, architecture, classes), "network.safetensors"), file);
        return file;
    }

    /// <summary>Writes such a network with what a loss trained beside it.</summary>
    public string Network(string name, LossSpec loss, string architecture = "wrn-10-1", int size = 8)
    {
        var path = Network(name, architecture, size: size);
        using var network = Make(architecture, 3, size, 1);
        using var objective = loss.Bind(new SignalShapes(3, network.EmbeddingSize, 0), seed: 2);
        AdapterFile.Save(Folder[name, "adapter.safetensors"], objective);
        return path;
    }

    /// <summary>A recipe whose tasks are tiny.</summary>
    public FewShotRecipe Recipe(string learner) => new()
    {
        Data = Data, ImageSize = 8, JoinTest = true, Classes = "0-6", Validation = "7-11", ValidationTasks = 2, Learner = learner,
            Backbone = Folder["backbone"],
        Teacher = Folder["teacher"], Episode = new EpisodeShape { Way = 3, Shot = 2, Query = 4 }, Tasks = 3,
        FineTune = new FineTuneOptions { Views = 1, Training = new AdaptationStage { Steps = 2 } },
        Refilled = new RefilledOptions { Views = 2, Stage1 = new AdaptationStage { Steps = 1 },
            Stage2 = new AdaptationStage { Steps = 2 } },
        Device = "cpu", Precision = PrecisionChoice.Fp32, Threads = 1,
    };

    /// <summary>Photographs of one colour for each class, each with some noise of its own.</summary>
    public string Photographs(string name, int perClass, params string[] classes)
    {
        foreach (var (label, c) in classes.Select((label, c) => (label, c)))
            for (var i = 0; i < perClass; i++)
            {
                using var bitmap = new SKBitmap(20, 16);
                bitmap.Erase(SKColor.FromHsv(c * 70 % 360, 70, 70));
                for (var p = 0; p < 60; p++)
                    bitmap.SetPixel((int)(SeedMix.Bits(p, SeedStream.View, i, c) % 20),
                        (int)(SeedMix.Bits(p, SeedStream.Order, i, name.Length) % 16), new SKColor((byte)(40 * i), (byte)(4 * p), 90));
                using var data = bitmap.Encode(SKEncodedImageFormat.Png, 90);
                MadeUpFiles.Folder(Folder[name], new Dictionary<string, byte[]> { [$"{label}/{i}.png"] = data.ToArray() });
            }
        return Folder[name];
    }

    public void Dispose() => Folder.Dispose();

    private static EmbeddingNetwork Make(string architecture, int classes, int size, int seed)
    {
        var network = NetworkCatalog.Create(architecture,
            new NetworkOptions(classes) { Seed = seed, Input = InputSpec.Square(size, ChannelStatistics.Cifar100) });
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator((ulong)seed);
        for (var i = 0; i < 2; i++)
            network.Observe(randint(0, 256, [32, 3, size, size], ScalarType.Byte, generator: generator), Needs.Embedding);
        network.eval();
        return network;
    }
}
