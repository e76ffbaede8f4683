using System.Globalization;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Sources;

/// <summary>Handwriting: 242 letters of eight alphabets, each drawn by 20 people.</summary>
/// <remarks>Omniglot's two small background sets (Lake, Salakhutdinov and Tenenbaum, Science 2015; MIT), which come with the library.
/// Alphabets are the groups of classes. The drawings of some people train and those of the others test, in every alphabet, so that a
/// hand is never in both.</remarks>
internal static class Letters
{
    private const int DefaultSize = 32, People = 20;

    /// <exception cref="InputException">The specification can't be read, or the drawings are missing.</exception>
    public static Dataset Load(string text, DataOptions options, CancellationToken cancel)
    {
        var spec = Spec.Parse(text);
        using var tree = FileTree.Open(Path.Combine(AppContext.BaseDirectory, "data", "letters", "letters.zip"), "set of letters", cancel);
        // <alphabet>/<letter>/<person>.png, the person from 01 to 20.
        var drawings = tree.Names.Order(StringComparer.Ordinal).Select(name => (Name: name, Parts: name.Split('/', '.'))).ToList();
        var letters = drawings.Select(one => $"{one.Parts[0]}/{one.Parts[1]}").Distinct().ToList();
        var labelOf = letters.Select((letter, label) => (letter, label)).ToDictionary(pair => pair.letter, pair => pair.label);
        var training = SeedMix.Permutation(People, spec.Seed, SeedStream.People, 0).Take(spec.Train).Select(i => i + 1).ToHashSet();
        var files = drawings.Select(one => new LabelledFile(one.Name, labelOf[$"{one.Parts[0]}/{one.Parts[1]}"],
            training.Contains(int.Parse(one.Parts[2], CultureInfo.InvariantCulture)) ? Part.Train : Part.Test)).ToList();
        var alphabets = letters.Select(letter => letter.Split('/')[0]).Distinct().ToList();
        var data = new FileDataset("letters", tree, files, letters, Framing.For(options.ImageSize ?? DefaultSize), options)
        {
            Groups = new ClassGroups(alphabets, [.. letters.Select(letter => alphabets.IndexOf(letter.Split('/')[0]))]),
        }.Load(cancel);
        return data with { Statistics = Statistics };
    }

    /// <summary>Of all drawings at 32 pixels: white paper, thin lines.</summary>
    private static ChannelStatistics Statistics { get; } = new([0.9194, 0.9194, 0.9194], [0.2255, 0.2255, 0.2255]);

    /// <summary>Whose drawings train.</summary>
    /// <param name="Seed">Chooses the people.</param>
    /// <param name="Train">How many of the 20.</param>
    internal sealed record Spec(int Seed = 0, int Train = 15)
    {
        /// <summary>Reads "seed,train=15"; both parts may be missing.</summary>
        /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
        public static Spec Parse(string text)
        {
            var numbers = SpecNumbers.Read("letters", text, "letters[:<seed>][,train=<n>], such as letters:1,train=5 (defaults: seed 0, "
                + "the drawings of 15 people train and those of the other 5 test)", ("train", 1, People - 1));
            return new Spec(numbers.GetValueOrDefault(""), numbers.GetValueOrDefault("train", 15));
        }
    }
}
