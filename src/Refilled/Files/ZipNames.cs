using System.Text;

namespace Refilled.Files;

/// <summary>Names in a .zip that doesn't say that they are UTF-8, as Windows and old programs write them.</summary>
/// <remarks>UTF-8 where the bytes are; else Shift-JIS, where they are that and no letter stands right beside a Latin one, as it does in
/// "Straße" read so; else the code page that the format prescribes, which reads every name, so that no two become one.</remarks>
internal sealed class ZipNames : Encoding
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly Encoding Japanese = Page(932), Prescribed = Page(437);

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => Utf8.GetByteCount(chars, index, count);

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Utf8.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => Decode(bytes.AsSpan(index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var name = Decode(bytes.AsSpan(byteIndex, byteCount));
        name.CopyTo(chars.AsSpan(charIndex));
        return name.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => Utf8.GetMaxByteCount(charCount);

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + 1;

    private static string Decode(ReadOnlySpan<byte> bytes) =>
        Try(Utf8, bytes) ?? (Try(Japanese, bytes) is { } name && !Mixed(name) ? name : Prescribed.GetString(bytes));

    private static string? Try(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool Mixed(string name) =>
        name.Zip(name.Skip(1)).Any(pair => char.IsAsciiLetter(pair.First) != char.IsAsciiLetter(pair.Second)
            && (pair.First > '\u007f' || pair.Second > '\u007f'));

    private static Encoding Page(int number) =>
        CodePagesEncodingProvider.Instance.GetEncoding(number, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
}
