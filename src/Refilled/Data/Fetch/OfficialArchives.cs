namespace Refilled.Data.Fetch;

/// <summary>The archives that can be fetched, by name.</summary>
internal static class OfficialArchives
{
    private static readonly OfficialArchive[] All =
    [
        new("cifar100", new Uri("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"), "cifar-100-binary.tar.gz",
            "03b5dce01913d631647c71ecec9e9cb8", 168_513_733),
        new("cub200", new Uri("https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz"), "CUB_200_2011.tgz",
            "97eceeb196236b17998738112f37df78"),
        new("tiny-imagenet", new Uri("http://cs231n.stanford.edu/tiny-imagenet-200.zip"), "tiny-imagenet-200.zip",
            "90528d7ca1a48142e341f4ef8d21d0de", 248_100_043),
    ];

    /// <summary>The known names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(archive => archive.Name)];

    /// <summary>The archive of that name.</summary>
    /// <exception cref="InputException">There is none; the message holds the nearest name.</exception>
    public static OfficialArchive Find(string name) => Array.Find(All, archive => archive.Name == name)
        ?? throw new InputException($"There is no archive '{name}' to fetch.{NearestName.Hint(name, Names)} Known: "
            + $"{string.Join(", ", Names)}.");
}

/// <summary>An archive as its publisher offers it.</summary>
/// <param name="Name">The kind of data, as <see cref="DataCatalog"/> writes it.</param>
/// <param name="Address">Where it is offered, http or https. Another address may stand here: the checksum decides.</param>
/// <param name="FileName">The file's name.</param>
/// <param name="Md5">The published checksum, hexadecimal.</param>
/// <param name="Bytes">The size, where it is known: for a progress bar alone, never to judge a file by.</param>
internal sealed record OfficialArchive(string Name, Uri Address, string FileName, string Md5, long? Bytes = null);
