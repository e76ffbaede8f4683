using Refilled.Data;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data;

public class AnswerSheetTests
{
    [Fact]
    public void Answers_are_framed_as_right_or_wrong_below_images_that_are_evenly_chosen()
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("generated:1,classes=3,train=4,test=8");
        // Of 24 images the middles of four parts are the 4th, 10th, 16th and 22nd; the third answer is wrong.
        var answers = data.Test.Labels.ToArray();
        answers[15] = (answers[15] + 1) % 3;
        AnswerSheet.Save(folder["answers.png"], data.Test, data.Train, [("network", answers)], columns: 4);
        using var sheet = SKBitmap.Decode(folder["answers.png"]);
        Assert.Equal((2 * 10 + 150 + 4 * 74, 2 * 10 + 2 * 74), (sheet.Width, sheet.Height));
        foreach (var (column, position) in new[] { 3, 9, 15, 21 }.Index())
        {
            var left = 160 + column * 74;
            Assert.Equal(Colour(data.Test, position), sheet.GetPixel(left + 32, 10 + 32));
            var example = Enumerable.Range(0, data.Train.Count).First(i => data.Train.Labels[i] == answers[position]);
            Assert.Equal(Colour(data.Train, example), sheet.GetPixel(left + 32, 84 + 32));
            Assert.Equal(position == 15 ? new SKColor(0xD5, 0x5E, 0x00) : new SKColor(0x00, 0x72, 0xB2), sheet.GetPixel(left - 2, 84 + 32));
            Assert.Equal(SKColors.White, sheet.GetPixel(left - 2, 10 + 32));
        }
    }

    private static SKColor Colour(ImageSet set, int position)
    {
        var pixels = set.Store[set.SampleIds[position]];
        const int middle = 16 * 32 + 16;
        return new SKColor(pixels[middle], pixels[1024 + middle], pixels[2048 + middle]);
    }
}
