using System.Numerics;
using Refilled.Files;

namespace Refilled.Tests.Files;

public class PickleReaderTests
{
    /// <summary>The same dictionary as CPython 3.11 and numpy 1.24 wrote it, by protocol.</summary>
    public static TheoryData<int, string> Written => new()
    {
        {
            1,
            "fXEAKGNfY29kZWNzCmVuY29kZQpxAShYBAAAAGRhdGFxAlgGAAAAbGF0aW4xcQN0cQRScQVjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVj"
            + "dApxBihjbnVtcHkKbmRhcnJheQpxByhLAHRxCGgBKFgBAAAAYnEJaAN0cQpScQt0cQxScQ0oSwEoSwJLA3RxDmNudW1weQpkdHlwZQpxDyhYAgAAAHUx"
            + "cRBJMDAKSTAxCnRxEVJxEihLA1gBAAAAfHETTk5OSv////9K/////0sAdHEUYkkwMApoAShYBgAAAAABAgMEBXEVaAN0cRZScRd0cRhiWAsAAABmaW5l"
            + "X2xhYmVsc3EZXXEaKEsDTSwBSnARAQBK+////0wxMDk5NTExNjI3Nzc2TApMMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKZVgEAAAAbmFtZXEbWAUAAABr"
            + "w6RzZXEcaAEoWAMAAAByYXdxHWgDdHEeUnEfaAEoWAMAAAAAw79xIGgDdHEhUnEiWAQAAABub25lcSNOWAMAAAB5ZXNxJF1xJShJMDEKSTAwCmVYAQAA"
            + "AGZxJkc/+AAAAAAAAFgBAAAAdHEnKEsBKEsCdHEoKEsDSwRLBXRxKSl0cSpYAQAAAGVxK31xLFgBAAAAbHEtXXEudS4="
        },
        {
            2,
            "gAJ9cQAoY19jb2RlY3MKZW5jb2RlCnEBWAQAAABkYXRhcQJYBgAAAGxhdGluMXEDhnEEUnEFY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1"
            + "Y3QKcQZjbnVtcHkKbmRhcnJheQpxB0sAhXEIaAFYAQAAAGJxCWgDhnEKUnELh3EMUnENKEsBSwJLA4ZxDmNudW1weQpkdHlwZQpxD1gCAAAAdTFxEImI"
            + "h3ERUnESKEsDWAEAAAB8cRNOTk5K/////0r/////SwB0cRRiiWgBWAYAAAAAAQIDBAVxFWgDhnEWUnEXdHEYYlgLAAAAZmluZV9sYWJlbHNxGV1xGihL"
            + "A00sAUpwEQEASvv///+KBgAAAAAAAYoJAAAAAAAAAABAZVgEAAAAbmFtZXEbWAUAAABrw6RzZXEcaAFYAwAAAHJhd3EdaAOGcR5ScR9oAVgDAAAAAMO/"
            + "cSBoA4ZxIVJxIlgEAAAAbm9uZXEjTlgDAAAAeWVzcSRdcSUoiIllWAEAAABmcSZHP/gAAAAAAABYAQAAAHRxJyhLAUsChXEoSwNLBEsFh3EpKXRxKlgB"
            + "AAAAZXErfXEsWAEAAABscS1dcS51Lg=="
        },
        {
            3,
            "gAN9cQAoQwRkYXRhcQFjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQpuZGFycmF5CnEDSwCFcQRDAWJxBYdxBlJxByhL"
            + "AUsCSwOGcQhjbnVtcHkKZHR5cGUKcQlYAgAAAHUxcQqJiIdxC1JxDChLA1gBAAAAfHENTk5OSv////9K/////0sAdHEOYolDBgABAgMEBXEPdHEQYlgL"
            + "AAAAZmluZV9sYWJlbHNxEV1xEihLA00sAUpwEQEASvv///+KBgAAAAAAAYoJAAAAAAAAAABAZVgEAAAAbmFtZXETWAUAAABrw6RzZXEUQwNyYXdxFUMC"
            + "AP9xFlgEAAAAbm9uZXEXTlgDAAAAeWVzcRhdcRkoiIllWAEAAABmcRpHP/gAAAAAAABYAQAAAHRxGyhLAUsChXEcSwNLBEsFh3EdKXRxHlgBAAAAZXEf"
            + "fXEgWAEAAABscSFdcSJ1Lg=="
        },
        {
            4,
            "gASVLAEAAAAAAAB9lChDBGRhdGGUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRD"
            + "AWKUh5RSlChLAUsCSwOGlGgFjAVkdHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYolDBgABAgMEBZR0lGKMC2ZpbmVfbGFi"
            + "ZWxzlF2UKEsDTSwBSnARAQBK+////4oGAAAAAAABigkAAAAAAAAAAEBljARuYW1llIwFa8Okc2WUQwNyYXeUQwIA/5SMBG5vbmWUTowDeWVzlF2UKIiJ"
            + "ZYwBZpRHP/gAAAAAAACMAXSUKEsBSwKFlEsDSwRLBYeUKXSUjAFllH2UjAFslF2UdS4="
        },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void What_Python_wrote_is_read(int protocol, string base64)
    {
        Assert.InRange(protocol, 1, 4);
        var read = Assert.IsType<Dictionary<string, object?>>(PickleReader.Read(Convert.FromBase64String(base64), "p"));
        var array = Assert.IsType<PickledArray>(read["data"]);
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([0, 1, 2, 3, 4, 5], array.Bytes.ToArray());
        Assert.Equal([3L, 300L, 70000L, -5L, 1L << 40, BigInteger.Pow(2, 70)], Assert.IsType<List<object?>>(read["fine_labels"]));
        Assert.Equal("käse", read["name"]);
        Assert.Equal([0, 255], Assert.IsType<ReadOnlyMemory<byte>>(read["raw"]).ToArray());
        Assert.Null(read["none"]);
        Assert.Equal([true, false], Assert.IsType<List<object?>>(read["yes"]));
        Assert.Equal(1.5, read["f"]);
        var tuple = Assert.IsType<object?[]>(read["t"]);
        Assert.Equal((4, 1L), (tuple.Length, tuple[0]));
        Assert.Equal([3L, 4L, 5L], Assert.IsType<object?[]>(tuple[2]));
        Assert.Empty(Assert.IsType<object?[]>(tuple[3]));
        Assert.Empty(Assert.IsType<Dictionary<string, object?>>(read["e"]));
        Assert.Empty(Assert.IsType<List<object?>>(read["l"]));
    }

    [Theory]
    [InlineData("cos\nsystem\nU\u0002ls\u0085R.", "asks for 'os.system'")]
    [InlineData("c__builtin__\neval\n.", "asks for '__builtin__.eval'")]
    [InlineData("ccopyreg\n_reconstructor\n.", "asks for 'copyreg._reconstructor'")]
    [InlineData("cnumpy\nload\n.", "asks for 'numpy.load'")]
    [InlineData("U\u0002osU\u0006system\u0093.", "asks for '.'")]
    [InlineData("X\u0002\0\0\0osX\u0006\0\0\0system\u0093.", "asks for 'os.system'")]
    [InlineData("(ios\nsystem\n.", "instruction 0x69")]
    [InlineData("(o.", "instruction 0x6f")]
    [InlineData("))\u0081.", "instruction 0x81")]
    [InlineData("Pid\n.", "instruction 0x50")]
    [InlineData("NQ.", "instruction 0x51")]
    [InlineData("\u0082\u0001.", "instruction 0x82")]
    [InlineData("\u0080\u0006N.", "newer than 5")]
    [InlineData("cnumpy\nndarray\n)R.", "it calls something")]
    [InlineData("))R.", "it calls something")]
    [InlineData("a.", "takes what isn't there")]
    [InlineData("(a.", "takes what isn't there")]
    [InlineData("t.", "takes what isn't there")]
    [InlineData("NNa.", "something else than a list")]
    [InlineData("}(NNu.", "a key is no text")]
    [InlineData("}(U\u0001aNU\u0001aNu.", "'a' stands twice")]
    [InlineData("}(U\u0001au.", "lacks its value")]
    [InlineData("h\u0005.", "never stored")]
    [InlineData("B\u00ff\u00ff\u00ff\u007fx.", "is truncated")]
    [InlineData("T\u00ff\u00ff\u00ff\u00ffx.", "is truncated")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fx.", "is truncated")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntRNb.", "not described as numpy does")]
    [InlineData("N", "is truncated")]
    [InlineData("", "is truncated")]
    public void Anything_else_is_refused(string pickle, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(
            () => PickleReader.Read(System.Text.Encoding.Latin1.GetBytes(pickle), "p")).Message, StringComparison.Ordinal);

    [Fact]
    public void References_in_circles_cost_nothing()
    {
        // A list that holds itself, then a nest in which each list holds the one before twice: 2^60 leaves, if they were walked.
        byte[] circle = [(byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a', (byte)'.'];
        Assert.IsType<List<object?>>(PickleReader.Read(circle, "p"));
        byte[] nest = [(byte)']', (byte)'q', 0, .. Enumerable.Range(0, 60).SelectMany(i =>
            new byte[] { (byte)']', (byte)'(', (byte)'h', (byte)i, (byte)'h', (byte)i, (byte)'e', (byte)'q', (byte)(i + 1) }), (byte)'.'];
        Assert.IsType<List<object?>>(PickleReader.Read(nest, "p"));
    }

    [Fact]
    public void Damaged_pickles_never_do_worse_than_be_refused()
    {
        var random = new Random(3);
        foreach (var (_, base64) in Written.Select(row => row.Data))
        {
            var whole = Convert.FromBase64String(base64);
            for (var i = 0; i < 3000; i++)
            {
                var bytes = whole[..random.Next(1, whole.Length + 1)];
                for (var k = random.Next(4); k > 0; k--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                try
                {
                    PickleReader.Read(bytes, "p");
                }
                catch (InputException)
                {
                }
            }
        }
    }
}
