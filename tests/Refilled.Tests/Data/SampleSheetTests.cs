using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data;

public class SampleSheetTests
{
    [Fact]
    public void A_sheet_has_a_row_for_each_class_and_its_images_in_it()
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("generated:1,classes=3,train=5,test=1");
        SampleSheet.Save(folder["sheet.png"], data.Train, classes: 2, perClass: 4);
        using var sheet = SKBitmap.Decode(folder["sheet.png"]);
        // 32 pixels are shown twice as large; the first image begins after the edge and the column of names.
        Assert.Equal((2 * 10 + 150 + 4 * 67, 2 * 10 + 2 * 67), (sheet.Width, sheet.Height));
        var pixels = data.Train.Store[data.Train.SampleIds[0]];
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
                Assert.Equal(new SKColor(pixels[y * 32 + x], pixels[1024 + y * 32 + x], pixels[2048 + y * 32 + x]),
                    sheet.GetPixel(160 + 2 * x, 10 + 2 * y + 1));
        // Something is written in the column of names.
        Assert.Contains(Enumerable.Range(0, 140 * 64), i => sheet.GetPixel(10 + i % 140, 10 + i / 140).Red < 100);
    }

    [Fact]
    public void A_sheet_shows_mixed_views_beside_the_image_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var set = MadeUpImages.Set(6, 2, 64).With(new Augmentation { Preset = AugmentationPreset.None, Mixup = 5 });
        SampleSheet.Save(folder["sheet.png"], set, perClass: 3, views: 2);
        using var sheet = SKBitmap.Decode(folder["sheet.png"]);
        var pixels = new byte[set.Store.ViewShape.Bytes];
        foreach (var (column, number) in new[] { (0, View.Evaluation), (1, View.MixedOf(0)), (2, View.MixedOf(1)) })
        {
            set.Draw(new View(0, 0, number), pixels);
            for (var at = 0; at < 64 * 64; at++)
                Assert.Equal(new SKColor(pixels[at], pixels[4096 + at], pixels[8192 + at]),
                    sheet.GetPixel(160 + 67 * column + at % 64, 10 + at / 64));
        }
        Assert.NotEqual(set.Store[0].ToArray(), pixels);
    }

    [Fact]
    public void A_sheet_that_can_not_be_written_is_said() =>
        Assert.Contains("can't be written", Assert.Throws<InputException>(
            () => SampleSheet.Save("/nowhere/sheet.png", MadeUpImages.Set(4, 2))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_class_without_images_has_an_empty_row()
    {
        using var folder = new TemporaryFolder();
        var set = MadeUpImages.Set(4, 2, channels: 1).At([0, 2]);
        SampleSheet.Save(folder["sheet.png"], set);
        using var sheet = SKBitmap.Decode(folder["sheet.png"]);
        Assert.Equal(2 * 10 + 2 * 67, sheet.Height);
    }
}
