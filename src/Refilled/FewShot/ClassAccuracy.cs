namespace Refilled.FewShot;

/// <summary>How many of a class's images were classified right.</summary>
/// <param name="Name">The class.</param>
/// <param name="Support">Labelled images.</param>
/// <param name="Query">Images that were classified.</param>
/// <param name="Right">Those of them that are right.</param>
public sealed record ClassAccuracy(string Name, int Support, int Query, int Right);
