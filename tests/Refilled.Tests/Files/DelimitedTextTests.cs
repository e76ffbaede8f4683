using System.Text;
using Refilled.Files;

namespace Refilled.Tests.Files;

public class DelimitedTextTests
{
    [Theory]
    [InlineData("a,b\n1,2\n")]
    [InlineData("a;b\r\n1;2")]
    [InlineData("a\tb\r1\t2\r")]
    [InlineData("\ufeffa , b\n\n,\n \"1\" ,\"2\"\n\n")]
    public void However_it_is_written_the_values_are_the_same(string text) =>
        Assert.Equal(["a|b", "1|2"], Rows(Encoding.UTF8.GetBytes(text)).Select(row => string.Join('|', row.Values)));

    [Fact]
    public void Quotes_hold_separators_quotes_and_ends_of_lines()
    {
        var rows = Rows("file,label\n\"a, b.png\",\"the \"\"cat\"\"\nand dog\"\nc.png,d\n"u8.ToArray());
        Assert.Equal(["a, b.png", "the \"cat\"\nand dog"], rows[1].Values);
        Assert.Equal((4, "d"), (rows[2].Line, rows[2].Values[1]));
    }

    [Fact]
    public void Utf_16_is_read_as_spreadsheets_write_it()
    {
        byte[] text = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("datei\tart\r\nä.png\tkäfer\r\n")];
        Assert.Equal(["ä.png", "käfer"], Rows(text)[1].Values);
    }

    [Fact]
    public void Empty_values_stay_in_their_place() => Assert.Equal(["", "b", ""], Rows("a,b,c\n,b,\n"u8.ToArray())[1].Values);

    [Theory]
    [InlineData("a,b\n\"c,d\n", "list.csv:2: a quote begins here and doesn't end")]
    [InlineData("a,\0", "list.csv is no text")]
    public void What_is_no_table_is_refused(string text, string message) => Refused(Encoding.UTF8.GetBytes(text), message);

    [Fact]
    public void Another_encoding_is_named() => Refused([(byte)'a', 0xe4, (byte)','], "list.csv is no text in UTF-8");

    private static IReadOnlyList<TextRow> Rows(byte[] content) => DelimitedText.Read(content, "list.csv");

    private static void Refused(byte[] content, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Rows(content)).Message, StringComparison.Ordinal);
}
