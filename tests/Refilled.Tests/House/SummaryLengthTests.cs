using System.Text.RegularExpressions;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>A summary is taken in at a glance; what is beyond that stands in remarks and parameters.</summary>
public partial class SummaryLengthTests
{
    private const int MostWords = 20;

    [Fact]
    public void No_summary_has_more_than_twenty_words()
    {
        var wrong = LongOnes().Select(one => $"{one.File}: {one.Words} words: {one.Text}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string File, int Words, string Text)> LongOnes()
    {
        var seen = 0;
        foreach (var file in Repository.Sources("src/Refilled", "src/Refilled.Deploy"))
        {
            // A comment's lines are joined first: a summary may begin and end anywhere in them.
            var text = Margin().Replace(File.ReadAllText(Path.Combine(Repository.Root, file)), " ");
            foreach (Match summary in Summary().Matches(text))
            {
                seen++;
                var words = Tag().Replace(summary.Groups[1].Value, "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length <= MostWords) continue;
                yield return (file, words.Length, string.Join(' ', words));
            }
        }
        Assert.True(seen > 1000, $"only {seen} summaries were found");
    }

    [GeneratedRegex(@"\n\s*/// ?")]
    private static partial Regex Margin();

    [GeneratedRegex("<summary>(.*?)</summary>")]
    private static partial Regex Summary();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
