using System.Globalization;
using System.Text;
using Refilled.Experiments;
using Refilled.Files;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;

namespace Refilled.Cli.TensorBoard;

/// <summary>A network's embedding of its test images, as TensorBoard's projector reads it.</summary>
internal static class ProjectorFiles
{
    /// <summary>Most images: the projector moves that many.</summary>
    private const int Most = 2000;

    private const int Side = 32;

    /// <summary>Writes the unit rows, what each image is, small pictures, and the file that names them all.</summary>
    /// <exception cref="InputException">A file can't be written.</exception>
    public static void Write(string folder, NetworkLook look)
    {
        int[] places = [.. Evenly.Places(look.Measured.Count, Most)];
        var rows = look.Tested.UnitRows();
        var answers = look.Classifies ? new Answers(look) : null;
        var names = look.Measured.ClassNames;
        var columns = (int)Math.Ceiling(Math.Sqrt(places.Length)); // The projector reckons with a square.
        Save("embeddings.tsv", string.Concat(places.Select(i =>
            string.Join('\t', rows[i].Select(number => number.ToString("g6", CultureInfo.InvariantCulture))) + "\n")));
        Save("metadata.tsv", "class\tanswer\timage\n" + string.Concat(places.Select(i => string.Join('\t',
            new[] { names[look.Measured.Labels[i]], answers is null ? "" : names[answers.Of[i]], look.NameOf(i) }.Select(Field)) + "\n")));
        Write("sprite.jpg", Pictures.Joined(look.Measured, places, Side, columns));
        Save("projector_config.pbtxt", $$"""
            embeddings {
              tensor_name: "test images"
              tensor_path: "embeddings.tsv"
              metadata_path: "metadata.tsv"
              sprite { image_path: "sprite.jpg" single_image_dim: {{Side}} single_image_dim: {{Side}} }
            }

            """);

        void Save(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));
        void Write(string name, byte[] bytes) => Disk.Try(() => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes)),
            e => new InputException($"'{Path.Combine(folder, name)}' can't be written: {e.Message}", e));
    }

    private static string Field(string text) => text.Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' ');
}
