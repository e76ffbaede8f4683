using System.Security.Cryptography;
using Refilled.Data;
using Refilled.Data.Views;

namespace Refilled.Tests.Data.Views;

/// <summary>The bytes of views, as they have always been: cached teachers, resumed runs and published results hang on them.
/// However fast a view is drawn, these must stay.</summary>
public class PinnedViewsTests
{
    [Theory]
    [InlineData(32, 32, 32, "e2b44ae12a313552")]
    [InlineData(64, 64, 64, "a5d0558f551df0af")]
    [InlineData(33, 17, 33, "917d8b8b00c03871")]
    public void Padded_crops(int size, int height, int width, string hash) =>
        Assert.Equal(hash, Hash(new PaddedCrop(size / 8), new ImageShape(3, height, width), new ImageShape(3, height, width)));

    [Theory]
    [InlineData(84, 92, 115, "7c404f25461fb891")]
    [InlineData(84, 92, 92, "53997b31e4d43c69")]
    [InlineData(224, 256, 341, "d4b40e299c1e498c")]
    [InlineData(224, 768, 256, "abc2127e5341bfbe")]
    [InlineData(96, 700, 900, "b6e6f46498b5b23c")]
    [InlineData(9, 10, 40, "fd8331e29d21a3f7")]
    public void Resized_crops(int size, int height, int width, string hash) =>
        Assert.Equal(hash, Hash(new ResizedCrop(), new ImageShape(3, height, width), new ImageShape(3, size, size)));

    private static string Hash(ViewPolicy policy, ImageShape from, ImageShape to)
    {
        var (source, view) = (new byte[from.Bytes], new byte[to.Bytes]);
        for (var i = 0; i < source.Length; i++) source[i] = (byte)SeedMix.Bits(1, SeedStream.Individual, i);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var number = View.Evaluation; number < 24; number++)
        {
            policy.Apply(source, from, view, to, new View(7, 11, number));
            hash.AppendData(view);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
