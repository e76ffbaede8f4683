using Refilled.Data;

namespace Refilled.Tests.Data;

public class LettersTests
{
    private static readonly Lazy<Dataset> Letters = new(() => DataCatalog.Load("letters"));

    [Fact]
    public void All_drawings_are_there()
    {
        var data = Letters.Value;
        Assert.Equal((242, 242 * 15, 242 * 5), (data.Train.Classes, data.Train.Count, data.Test.Count));
        Assert.Equal(
            ["Balinese 24", "Early_Aramaic 22", "Greek 24", "Katakana 47", "Korean 40", "Latin 26", "Sanskrit 42", "Tagalog 17"],
            data.Groups!.Names.Select((name, i) => $"{name} {data.Groups.GroupOf.Count(group => group == i)}"));
    }

    [Fact]
    public void Nobodys_hand_is_in_both_parts()
    {
        // The ids are those of the drawings in the order of their names: 20 people for each letter.
        static int[] People(ImageSet set) => [.. set.SampleIds.Select(id => (int)(id % 20)).Distinct().Order()];
        var data = DataCatalog.Load("letters:3,train=5");
        Assert.Equal(5, People(data.Train).Length);
        Assert.Equal(Enumerable.Range(0, 20), People(data.Train).Concat(People(data.Test)).Order());
        Assert.NotEqual(People(data.Train), People(DataCatalog.Load("letters:4,train=5").Train));
    }

    [Fact]
    public void What_networks_normalise_by_is_what_the_drawings_have()
    {
        var data = Letters.Value;
        var (sum, squares, count) = (0.0, 0.0, 0L);
        for (var id = 0L; id < data.Train.Store.Count; id++)
            foreach (var value in data.Train.Store[id])
            {
                (sum, squares) = (sum + value / 255.0, squares + value / 255.0 * (value / 255.0));
                count++;
            }
        var mean = sum / count;
        Assert.Equal(mean, data.Statistics.Mean[0], 0.0005);
        Assert.Equal(Math.Sqrt(squares / count - mean * mean), data.Statistics.Std[0], 0.0005);
    }

    [Fact]
    public void Alphabets_are_chosen_by_name()
    {
        var chosen = ClassSpec.Parse("alphabet:Tagalog,Greek").Resolve(Letters.Value);
        Assert.Equal(17 + 24, chosen.Count);
        Assert.StartsWith("Tagalog/", Letters.Value.Train.ClassNames[chosen[0]], StringComparison.Ordinal);
        Assert.Equal(chosen, ClassSpec.Parse("group:Tagalog,Greek").Resolve(Letters.Value));
        Assert.Contains("Did you mean 'Greek'?", Refused("alphabet:Greec"), StringComparison.Ordinal);
        Assert.Contains("twice", Refused("alphabet:Greek,Greek"), StringComparison.Ordinal);

        static string Refused(string spec) => Assert.Throws<InputException>(() => ClassSpec.Parse(spec).Resolve(Letters.Value)).Message;
    }

    [Theory]
    [InlineData("letters:x", "'x' can't be read")]
    [InlineData("letters:0,trian=4", "Did you mean 'train'?")]
    [InlineData("letters:0,train=20", "train must be from 1 to 19")]
    public void What_can_not_be_read_is_named(string spec, string part) =>
        Assert.Contains(part, Assert.Throws<InputException>(() => DataCatalog.Check(spec)).Message, StringComparison.Ordinal);
}
