namespace Refilled.Data.Decoding;

/// <summary>Whether decoded images are kept in a file in the user's cache folder, instead of in memory.</summary>
public enum DecodedCacheMode
{
    /// <summary>Where they don't fit into memory. The default.</summary>
    Auto,

    /// <summary>Always: the next run on the same files needn't decode them.</summary>
    On,

    /// <summary>Never; images that don't fit into memory are an error.</summary>
    Off,
}
