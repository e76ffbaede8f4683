using Refilled.Data.Decoding;
using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Tests.Data.Decoding;

/// <summary>Images that would fill the memory.</summary>
public class LargeImageTests
{
    [Fact]
    public void A_very_large_PNG_is_decoded_in_strips_and_looks_as_it_does_whole()
    {
        var file = Png(5200, 4900);
        var framing = Framing.For(224);
        using var memory = new DecoderMemory();
        var strips = ImageDecoder.Decode(file, framing, memory).Pixels.ToArray();
        using var other = new DecoderMemory();
        var whole = ImageDecoder.DecodeUnscaled(file, framing, other).Pixels.ToArray();
        Assert.Equal(whole.Length, strips.Length);
        var differences = whole.Zip(strips, (a, b) => Math.Abs(a - b)).ToList();
        Assert.InRange(differences.Average(), 0, 0.6);
        // At the circle's edge: a mean of blocks and a filter over all pixels weigh them otherwise.
        Assert.InRange(differences.Max(), 0, 40);
    }

    [Fact]
    public void What_only_claims_to_be_large_costs_nothing()
    {
        var png = Png(4, 4);
        // Width and height of the header, whose checksum is made anew.
        WriteSize(png, 14_000, 14_000);
        Assert.Throws<BadImageException>(() => ImageDecoder.Decode(png, Framing.For(224)));
        byte[] gif = [.. "GIF89a"u8, 0x20, 0x4e, 0x20, 0x4e, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0x20, 0x4e, 0x20, 0x4e, 0, 2, 0, 0x3b];
        var why = Assert.Throws<BadImageException>(() => ImageDecoder.Decode(gif, Framing.For(224))).Message;
        Assert.Contains("20000×20000", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Room_is_given_to_one_large_image_at_a_time_and_to_small_ones_together()
    {
        var room = new DecodingRoom(100);
        room.Enter(500);
        var small = Task.Run(() => room.Enter(60), TestContext.Current.CancellationToken);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(small.IsCompleted);
        room.Leave(500);
        await small.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        room.Enter(40);
        room.Leave(100);
    }

    private static byte[] Png(int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Shader = SKShader.CreateLinearGradient(new SKPoint(0, 0), new SKPoint(width, height),
            [SKColors.DarkBlue, SKColors.Orange, SKColors.White], SKShaderTileMode.Clamp) })
        {
            canvas.DrawPaint(paint);
            using var red = new SKPaint { Color = SKColors.Red };
            canvas.DrawCircle(width / 3f, height / 2f, height / 5f, red);
        }
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static void WriteSize(byte[] png, int width, int height)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        var crc = uint.MaxValue;
        foreach (var one in png.AsSpan(12, 17))
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ~crc);
    }
}
