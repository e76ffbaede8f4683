using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>A line is read whole on a usual screen.</summary>
public class LineLengthTests
{
    private const int Longest = 140;

    [Fact]
    public void No_line_is_longer_than_a_screen()
    {
        var files = Sources().ToList();
        Assert.True(files.Count > 300, $"only {files.Count} files were found");
        var wrong = files.SelectMany(file => LongLines(file).Select(line => $"{file}:{line} has more than {Longest} characters")).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Sources() => Repository.Sources("src", "tests", "benchmarks", "eng", "samples");

    private static IEnumerable<int> LongLines(string file) => File.ReadLines(Path.Combine(Repository.Root, file))
        .Select((line, i) => (line.Length, Number: i + 1)).Where(line => line.Length > Longest).Select(line => line.Number);
}
