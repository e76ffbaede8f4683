using System.Collections.Concurrent;
using System.Globalization;
using Refilled.Data.Decoding;
using Refilled.Data.Views;

namespace Refilled.Deploy;

/// <summary>Makes of image files what a network sees. Safe from any thread.</summary>
/// <param name="framing">How images become views.</param>
/// <param name="options">How large they may be.</param>
/// <remarks>All throw <see cref="ImageException"/> where an image is missing or can't be used.</remarks>
internal sealed class ViewReader(Framing framing, ClassifierOptions options)
{
    /// <summary>Memory of decoders that aren't at work.</summary>
    private readonly ConcurrentBag<DecoderMemory> memories = [];

    /// <summary>The view of an image file.</summary>
    public byte[] OfFile(string path) => Of(Content(path), $"'{path}'");

    /// <summary>The view of the image file that a stream gives.</summary>
    public byte[] OfStream(Stream image, CancellationToken cancel)
    {
        using var content = new MemoryStream();
        var block = new byte[81920];
        for (int read; (read = image.Read(block)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            CheckLength(content.Length + read, "The image");
            content.Write(block, 0, read);
        }
        return Of(content.ToArray(), "The image");
    }

    /// <summary>The view of an image file that is in memory: its planes, one after the other.</summary>
    /// <param name="image">The file's bytes.</param>
    /// <param name="name">What it is called in messages.</param>
    public byte[] Of(byte[] image, string name)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckLength(image.Length, name);
        var memory = memories.TryTake(out var free) ? free : new DecoderMemory();
        try
        {
            var kept = ImageDecoder.Decode(image, framing, memory, options.MostPixels);
            var view = new byte[framing.ViewShape.Bytes];
            Framing.Middle(kept.Pixels, kept.Shape, view, framing.ViewShape);
            return view;
        }
        catch (BadImageException e)
        {
            throw new ImageException($"{name} {e.Message}.", e);
        }
        finally
        {
            memories.Add(memory);
        }
    }

    private byte[] Content(string path)
    {
        if (!File.Exists(path)) throw new ImageException($"There is no file '{path}'.");
        try
        {
            CheckLength(new FileInfo(path).Length, $"'{path}'");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"'{path}' can't be read: {e.Message}", e);
        }
    }

    private void CheckLength(long length, string name)
    {
        if (length > options.MostBytes)
            throw new ImageException(string.Create(CultureInfo.InvariantCulture,
                $"{name} has more than {options.MostBytes / 1048576.0:0.##} MiB, the most that is read."));
    }
}
