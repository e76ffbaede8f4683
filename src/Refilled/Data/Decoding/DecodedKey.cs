using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data.Sources;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Decoding;

/// <summary>What decoded images depend on, as a hash: which files (place, list, sizes, times), what is kept of them, what they
/// are said to be, and who decoded them.</summary>
internal static class DecodedKey
{
    /// <returns>32 bytes.</returns>
    /// <exception cref="InputException">The files can't be asked for their sizes.</exception>
    public static byte[] Of(FileTree tree, IReadOnlyList<LabelledFile> files, IReadOnlyList<string> classNames, Framing framing)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(FormattableString text)
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture));
            // With their length, so that no two lists give the same bytes.
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        Add($"decoder {ImageDecoder.Version}, Skia {SkiaSharp.SkiaSharpVersion.Native}, {System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}");
        Add($"short side {framing.ShortSide}, square {framing.Square}, longest {Framing.LongestAspect}");
        Add($"{Path.GetFullPath(tree.Path)}");
        foreach (var name in classNames) Add($"{name}");
        foreach (var file in files) Add($"{file.Part} {file.Label} {file.Name}");
        foreach (var (length, written) in tree.Stamps([.. files.Select(file => file.Name)])) Add($"{length} {written.Ticks}");
        return hash.GetHashAndReset();
    }
}
